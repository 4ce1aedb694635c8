/// The host of a route's `from`: exact, or with `*` for any run of characters (dots included, also none).
public struct HostPattern: Sendable, Hashable {
    /// Lower case, without port and without a final dot.
    public let text: String
    /// Only where `from` names a port other than the scheme's default; such a route matches that port alone.
    public let port: UInt16?
    public var isWildcard: Bool { text.utf8.contains(UInt8(ascii: "*")) }

    public init(host: String, port: UInt16?) {
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        text = name
        self.port = port
    }

    /// `host` is lower case and has no port.
    public func matches(host: UnsafeRawBufferPointer, port: UInt16?) -> Bool {
        if let wanted = self.port, wanted != port { return false }
        var pattern = text
        return pattern.withUTF8 { Self.glob(UnsafeRawBufferPointer($0), host) }
    }

    /// Whether every host that `other` matches is matched by this pattern too.
    public func covers(_ other: HostPattern) -> Bool {
        if let port, port != other.port { return false }
        // A star of the other pattern can only be met by a star of this one, as no host name holds one.
        var name = other.text
        return name.withUTF8 { matches(host: UnsafeRawBufferPointer($0), port: port) }
    }

    /// Never looks back further than to the last star, so the time is at most the product of both lengths.
    private static func glob(_ pattern: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> Bool {
        var (p, n) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let back = star {
                p = back.pattern + 1
                n = back.name + 1
                star = (back.pattern, back.name + 1)
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
        return p == pattern.count
    }
}
