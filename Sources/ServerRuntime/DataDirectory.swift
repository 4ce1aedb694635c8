import Diagnostics
import Foundation
import ProxyConfig

/// Where the process keeps its state: secrets, local certificate authority, database. Mode 0700, files 0600.
public struct DataDirectory: Sendable {
    public let path: String

    /// Nothing is touched yet.
    public init(path: String) {
        self.path = path
    }

    /// `--data-dir`, then `data_dir`, then `Settings.defaultDataDirectory`.
    public static func choose(flag: String?, configured: String?, environment: [String: String]) -> DataDirectory {
        if let flag, !flag.isEmpty { return DataDirectory(path: flag) }
        if let configured, !configured.isEmpty { return DataDirectory(path: configured) }
        return DataDirectory(path: Settings.defaultDataDirectory(environment))
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Creates the directory with its parents, and takes rights of others from it. Throws a diagnostic that names path, cause and way out.
    public func prepare() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw DiagnosticError(
                Diagnostic(
                    code: "data-directory", "cannot create the data directory \(path): \(Self.cause(error))",
                    help: "give a writable directory with --data-dir or data_dir"))
        }
        // A link to a directory is as good as one.
        let attributes = try? FileManager.default.attributesOfItem(atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        guard let attributes, attributes[.type] as? FileAttributeType == .typeDirectory else {
            throw DiagnosticError(
                Diagnostic(code: "data-directory", "\(path) is not a directory", help: "give another one with --data-dir or data_dir"))
        }
        let mode = (attributes[.posixPermissions] as? NSNumber)?.uint16Value ?? 0
        if mode & 0o077 != 0, chmod(path, 0o700) != 0 {
            let owner = (attributes[.ownerAccountID] as? NSNumber)?.intValue ?? -1
            throw DiagnosticError(
                Diagnostic(
                    code: "data-directory",
                    "\(path) is open to other users (mode \(String(mode & 0o777, radix: 8))) and belongs to uid \(owner)",
                    help: "run: chmod 700 \(path)"))
        }
    }

    /// The file's text without a final line break; nil when there is none.
    func read(_ name: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: file(name)) else { return nil }
        do {
            var text = try String(contentsOfFile: file(name), encoding: .utf8)
            while text.last == "\n" || text.last == "\r\n" { text.removeLast() }
            return text
        } catch {
            throw DiagnosticError(
                Diagnostic(
                    code: "data-directory", "cannot read \(file(name)): \(Self.cause(error))",
                    help: "it belongs to the user that postern runs as, with mode 600"))
        }
    }

    /// Writes a file of mode 0600 that is there completely or not at all, whatever happens meanwhile.
    func write(_ name: String, _ text: String) throws {
        let temporary = file(".\(name).\(getpid())")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC, 0o600)
        defer { unlink(temporary) }
        guard descriptor >= 0 else { throw failure(name) }
        let bytes = Array(text.utf8)
        let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        let isSafe = written == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isSafe, rename(temporary, file(name)) == 0 else { throw failure(name) }
    }

    private func failure(_ name: String) -> DiagnosticError {
        DiagnosticError(
            Diagnostic(
                code: "data-directory", "cannot write \(file(name)): \(String(cString: strerror(errno)))",
                help: "the data directory must be writable for the user that postern runs as"))
    }

    private static func cause(_ error: any Error) -> String {
        ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.localizedDescription ?? error.localizedDescription
    }
}
