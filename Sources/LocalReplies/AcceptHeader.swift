/// The `Accept` request header (RFC 9110 section 12.5.1).
public struct AcceptHeader: Sendable {
    private struct Range {
        var type: Substring
        var subtype: Substring
        /// Thousandths.
        var quality: Int
    }

    private let ranges: [Range]

    /// At most 32 entries are read; malformed ones are skipped.
    public init(_ text: String) {
        ranges = text.split(separator: ",").prefix(32).compactMap { entry in
            let parts = entry.split(separator: ";").map { Self.trim($0) }
            guard let media = parts.first?.split(separator: "/", maxSplits: 1), media.count == 2 else { return nil }
            var quality = 1000
            for parameter in parts.dropFirst() {
                let pair = parameter.split(separator: "=", maxSplits: 1).map { Self.trim($0) }
                guard pair.count == 2, pair[0] == "q" || pair[0] == "Q" else { continue }
                quality = Self.thousandths(pair[1]) ?? 0
            }
            return Range(type: media[0], subtype: media[1], quality: quality)
        }
    }

    /// The offered type with the highest quality that is named exactly or by `type/*`; among equals the one that the client names first, then
    /// the one offered first. Nil when the client names none of them: `*/*` expresses no preference.
    public func best(of offered: [String]) -> String? {
        var best: (type: String, quality: Int, position: Int)?
        for type in offered {
            let parts = type.split(separator: "/")
            guard parts.count == 2 else { continue }
            let exact = ranges.firstIndex { $0.type.lowercased() == parts[0] && $0.subtype.lowercased() == parts[1] }
            guard let position = exact ?? ranges.firstIndex(where: { $0.type.lowercased() == parts[0] && $0.subtype == "*" }) else { continue }
            let quality = ranges[position].quality
            guard quality > 0 else { continue }
            if let found = best, (found.quality, -found.position) >= (quality, -position) { continue }
            best = (type, quality, position)
        }
        return best?.type
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int(parts[0]), (0...1).contains(whole) else { return nil }
        guard parts.count == 2 else { return whole * 1000 }
        let digits = parts[1].prefix(3)
        guard let fraction = Int(digits.isEmpty ? "0" : digits), fraction >= 0 else { return nil }
        let scale = [1000, 100, 10, 1][digits.count]
        return min(1000, whole * 1000 + fraction * scale)
    }
}
