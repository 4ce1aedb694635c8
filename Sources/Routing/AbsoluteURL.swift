/// An absolute URL that an operator wrote: `scheme://host[:port][/path][?query][#fragment]` (RFC 3986), with a host that can be looked up.
public struct AbsoluteURL: Sendable, Hashable {
    /// As written.
    public let text: String
    /// Lower case.
    public let scheme: String
    /// Lower case; IPv6 literals keep their brackets. May hold `*` where a route's origin does.
    public let host: String
    public let port: UInt16?
    /// Empty, or begins with `/`.
    public let path: String
    public let query: String?
    public let fragment: String?
    public let hasUserInfo: Bool

    /// `host[:port]` as written.
    public let authority: String

    /// Why a text is no such URL, in the words of the reference.
    public struct Problem: Error, Sendable, Equatable {
        public var message: String
    }

    public init(_ text: String) throws(Problem) {
        guard !text.isEmpty else { throw Problem(message: "url cannot be empty") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Problem(message: "\(text) contains a blank or a character outside ASCII, which a url must write with percent signs or punycode")
        }
        // All of it is ASCII, so that bytes are characters; looking for characters costs many times as much.
        var rest = text[...]
        guard let colon = Self.index(of: ":", in: rest), Self.isScheme(rest[..<colon]), rest[colon...].utf8.starts(with: "://".utf8) else {
            throw Problem(message: "\(text) url does not contain a valid scheme")
        }
        scheme = rest[..<colon].lowercased()
        rest = rest[rest.utf8.index(colon, offsetBy: 3)...]
        if let hash = Self.index(of: "#", in: rest) {
            fragment = String(Self.behind(hash, in: rest))
            rest = rest[..<hash]
        } else {
            fragment = nil
        }
        if let mark = Self.index(of: "?", in: rest) {
            query = String(Self.behind(mark, in: rest))
            rest = rest[..<mark]
        } else {
            query = nil
        }
        let slash = Self.index(of: "/", in: rest) ?? rest.endIndex
        path = String(rest[slash...])
        var authority = rest[..<slash]
        if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
            hasUserInfo = true
            authority = Self.behind(at, in: authority)
        } else {
            hasUserInfo = false
        }
        self.text = text
        self.authority = String(authority)
        (host, port) = try Self.hostAndPort(authority, of: text)
    }

    private static func hostAndPort(_ authority: Substring, of text: String) throws(Problem) -> (String, UInt16?) {
        var host = authority
        var port: UInt16?
        let bracketEnd = authority.utf8.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
        if let colon = authority[bracketEnd...].utf8.lastIndex(of: UInt8(ascii: ":")) {
            host = authority[..<colon]
            let digits = behind(colon, in: authority)
            if !digits.isEmpty {
                guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt16(digits), number > 0 else {
                    throw Problem(message: "\(text) has the invalid port \(digits)")
                }
                port = number
            }
        }
        guard !host.isEmpty else { throw Problem(message: "\(text) url does not contain a valid hostname") }
        if host.utf8.first == UInt8(ascii: "[") {
            guard host.utf8.last == UInt8(ascii: "]"), host.utf8.count > 2, host.dropFirst().dropLast().utf8.allSatisfy(Self.isIPv6Byte) else {
                throw Problem(message: "\(text) url does not contain a valid hostname")
            }
        } else {
            guard host.utf8.count <= 255, host.utf8.allSatisfy(Self.isHostByte), !hasEmptyLabel(host) else {
                throw Problem(message: "\(text) url does not contain a valid hostname")
            }
        }
        return (host.lowercased(), port)
    }

    private static func index(of byte: Unicode.Scalar, in text: Substring) -> String.Index? { text.utf8.firstIndex(of: UInt8(ascii: byte)) }

    private static func behind(_ index: String.Index, in text: Substring) -> Substring { text[text.utf8.index(after: index)...] }

    /// Before a dot; a single dot at the end is the root's.
    private static func hasEmptyLabel(_ host: Substring) -> Bool {
        var previous = UInt8(ascii: ".")
        for byte in host.utf8 {
            if byte == UInt8(ascii: "."), previous == byte { return true }
            previous = byte
        }
        return false
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (first | 0x20) >= 0x61, (first | 0x20) <= 0x7A else { return false }
        return text.utf8.allSatisfy { byte in
            ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2B || byte == 0x2D || byte == 0x2E
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= 0x61 && lower <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x2A
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= 0x61 && lower <= 0x66) || (byte >= 0x30 && byte <= 0x39) || byte == 0x3A || byte == 0x2E
    }

    /// The port written, or the scheme's own: 443 for `https`, 80 otherwise.
    public var effectivePort: UInt16 { port ?? (scheme == "https" ? 443 : 80) }

    /// `scheme://host[:port]` without the scheme's own port.
    public var origin: String {
        guard let port, port != (scheme == "https" ? 443 : 80) else { return "\(scheme)://\(host)" }
        return "\(scheme)://\(host):\(port)"
    }
}
