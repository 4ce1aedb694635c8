public import Diagnostics
import Foundation

/// Where a setting's PEM text comes from.
public struct PEMSource: Sendable, Hashable {
    public enum Form: Sendable, Hashable {
        /// base64 of PEM as in `certificate`; PEM itself passes, too.
        case base64(String)
        /// A path as in `certificate_file`.
        case file(String)
    }

    public var form: Form
    /// The key that the operator wrote, for messages.
    public var setting: String
    public var position: SourcePosition?

    public init(_ form: Form, setting: String, at position: SourcePosition? = nil) {
        self.form = form
        self.setting = setting
        self.position = position
    }

    /// Files and texts longer than this are refused.
    public static let maximumBytes = 5 << 20

    /// The PEM text.
    func read(_ files: FileReader) throws -> String {
        switch form {
        case .base64(let text):
            guard text.utf8.count <= Self.maximumBytes * 4 / 3 else { throw problem("certificate-too-long", "is longer than 5 MiB") }
            if text.contains("-----BEGIN ") { return text }
            guard let data = Data(base64Encoded: String(text.filter { !$0.isWhitespace })), !data.isEmpty else {
                throw problem("certificate-not-base64", "is not base64", help: "encode the PEM file, for example with base64 -w0")
            }
            return String(decoding: data, as: UTF8.self)
        case .file(let path):
            do {
                return String(decoding: try files.read(path), as: UTF8.self)
            } catch {
                throw problem(
                    "certificate-unreadable", "cannot be read: \(error)", help: "check the path and that the server's user may read the file")
            }
        }
    }

    /// The blocks of the PEM text.
    func blocks(_ files: FileReader) throws -> [PEMBlock] {
        let blocks = PEMBlock.parse(try read(files))
        guard !blocks.contains(nil) else { throw problem("certificate-not-pem", "holds a PEM block that is cut off or damaged") }
        guard !blocks.isEmpty else { throw problem("certificate-not-pem", "holds no PEM block", help: "it must begin with -----BEGIN") }
        return blocks.compactMap { $0 }
    }

    func problem(_ code: String, _ what: String, severity: Diagnostic.Severity = .error, help: String? = nil) -> DiagnosticError {
        DiagnosticError(diagnostic(severity, code, what, help: help))
    }

    func diagnostic(_ severity: Diagnostic.Severity, _ code: String, _ what: String, help: String? = nil) -> Diagnostic {
        let subject =
            switch form {
            case .base64: setting
            case .file(let path): "\(setting) \(path)"
            }
        return Diagnostic(severity, code: code, "\(subject) \(what)", at: position, help: help)
    }
}

/// Reads files for whoever loads certificates; tests and other sources put their own in.
public struct FileReader: Sendable {
    /// The whole file; the error's description is shown to the operator.
    public let read: @Sendable (_ path: String) throws -> [UInt8]

    public init(_ read: @escaping @Sendable (_ path: String) throws -> [UInt8]) {
        self.read = read
    }

    /// Regular files of at most ``PEMSource/maximumBytes``.
    public static let disk = FileReader { path in try PrivateFile.read(path, limit: PEMSource.maximumBytes) }
}
