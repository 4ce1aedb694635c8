import HTTPWire
import PolicyLanguage

/// The `X-Forwarded-For` entries of a request, read from the right, where the trusted proxies write.
struct ForwardedFor {
    /// Entries in order, without white space; those of several fields count as one list.
    private let entries: [ByteView]

    /// More entries than this are not looked at; the trusted ones stand at the end.
    private static let maxEntries = 64

    init(_ head: RequestHead) {
        var entries: [ByteView] = []
        for value in head.values(.xForwardedFor) {
            var start = 0
            while start <= value.count {
                var end = start
                while end < value.count, value[end] != UInt8(ascii: ",") { end += 1 }
                var (lower, upper) = (start, end)
                while lower < upper, value[lower] == 0x20 || value[lower] == 0x09 { lower += 1 }
                while upper > lower, value[upper - 1] == 0x20 || value[upper - 1] == 0x09 { upper -= 1 }
                if lower < upper { entries.append(value.slice(lower..<upper)) }
                start = end + 1
            }
        }
        self.entries = Array(entries.suffix(Self.maxEntries))
    }

    /// The client as the outermost of `hops` trusted proxies saw it; nil when there are fewer entries, or it is no address.
    func client(trustedHops hops: Int) -> IPAddress? {
        guard hops > 0, entries.count >= hops else { return nil }
        return IPAddress(Self.withoutPort(entries[entries.count - hops].string))
    }

    /// What trusted proxies have written, for the next hop.
    func trusted(hops: Int) -> ArraySlice<ByteView> { entries.suffix(max(0, hops)) }

    /// Some proxies write `1.2.3.4:5678` or `[2001:db8::1]:5678`.
    private static func withoutPort(_ text: String) -> String {
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") { return String(text[text.index(after: text.startIndex)..<close]) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? String(parts[0]) : text
    }
}
