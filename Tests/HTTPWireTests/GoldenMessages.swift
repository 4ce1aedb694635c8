import Foundation
import HTTPWire
import Testing

/// A golden case: the bytes of one connection with escapes, a dashed line, what the parser reports.
struct GoldenMessage: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var expected: [String]

    var testDescription: String { name }

    static func all(in folder: String) -> [GoldenMessage] {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Golden/http/\(folder)").standardized
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.compactMap { file in
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
            let parts = text.components(separatedBy: "\n---\n")
            guard parts.count == 2 else { return nil }
            let expected = parts[1].split(separator: "\n").map(String.init)
            return GoldenMessage(name: file.deletingPathExtension().lastPathComponent, bytes: unescape(parts[0]), expected: expected)
        }
    }

    /// `\r`, `\n`, `\t`, `\0`, `\xNN`; any other escaped character stands for itself. Line ends of the file do not count.
    static func unescape(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\n") { continue }
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "0"): bytes.append(0)
            case UInt8(ascii: "x"):
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            default: bytes.append(escape)
            }
        }
        return bytes
    }
}

extension BodyFraming {
    var golden: String {
        switch self {
        case .length(let length): "length \(length)"
        default: "\(self)"
        }
    }
}

extension RequestHead {
    /// The head's line, then its fields.
    var golden: [String] {
        var line = "head \(methodView) \(pathView)"
        if query != nil { line += " ?\(queryView)" }
        line += " \(bodyFraming.golden)"
        if !isKeepAlive { line += " close" }
        if expectsContinue { line += " continue" }
        if isUpgrade { line += " upgrade" }
        if hasNominatedFields { line += " nominated" }
        if hasUnderscoreName { line += " underscore" }
        return [line] + fields.map { "  field \(section.name($0)): \(section.value($0))" }
    }
}

extension ResponseHead {
    var golden: String {
        var line = "head \(status) \(reasonView) \(bodyFraming.golden)"
        if !isKeepAlive { line += " close" }
        if isSwitchingProtocols { line += " switching" }
        return line
    }
}

func golden(_ prefix: String, trailers: FieldSection) -> String {
    prefix + trailers.fields.map { " \(trailers.name($0)): \(trailers.value($0))" }.joined()
}

/// Appends content to the body line before it, if there is one.
func appendBody(_ bytes: UnsafeRawBufferPointer, to lines: inout [String]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let last = lines.last, last.hasPrefix("body ") {
        lines[lines.count - 1] = last + text
    } else {
        lines.append("body " + text)
    }
}
