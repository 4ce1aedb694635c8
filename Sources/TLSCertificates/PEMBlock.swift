import Foundation

/// One block of a PEM text (RFC 7468), read as leniently as the tools that operators use write it: any line length, text around the
/// blocks, white space at the ends of lines.
struct PEMBlock: Sendable, Equatable {
    static let certificate = "CERTIFICATE"

    /// What stands between `BEGIN` and the dashes, for example `CERTIFICATE`.
    var label: String
    var der: [UInt8]
    /// The traditional form of an encrypted key: header lines before the base64.
    var hasHeaders = false

    /// All blocks in order. A block without an end or with something other than base64 in it ends the list with nil in its place.
    static func parse(_ text: String) -> [PEMBlock?] {
        var blocks: [PEMBlock?] = []
        var label: Substring?
        var base64 = ""
        var hasHeaders = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: \.isWhitespace)
            if let name = marker(line, "-----BEGIN ") {
                if label != nil { return blocks + [nil] }
                (label, base64, hasHeaders) = (name, "", false)
            } else if let name = marker(line, "-----END ") {
                guard let open = label, open == name, let data = Data(base64Encoded: base64), !data.isEmpty || hasHeaders else {
                    return blocks + [nil]
                }
                blocks.append(PEMBlock(label: String(name), der: Array(data), hasHeaders: hasHeaders))
                label = nil
            } else if label != nil {
                if line.contains(":") { hasHeaders = true } else { base64 += line.filter { !$0.isWhitespace } }
            }
        }
        return label == nil ? blocks : blocks + [nil]
    }

    /// With lines of 64 characters and a final line feed.
    static func encode(label: String, der: [UInt8]) -> String {
        var text = "-----BEGIN \(label)-----\n"
        var rest = Data(der).base64EncodedString()[...]
        while !rest.isEmpty {
            text += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return text + "-----END \(label)-----\n"
    }

    private static func marker(_ line: Substring, _ prefix: String) -> Substring? {
        guard line.hasPrefix(prefix), let end = line.dropFirst(prefix.count).range(of: "-----") else { return nil }
        return line[line.index(line.startIndex, offsetBy: prefix.count)..<end.lowerBound]
    }
}
