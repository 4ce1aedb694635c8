/// Brings request paths into the one form that routes, policy and upstream all see (RFC 3986 section 6.2.2), or refuses them.
///
/// Refused whatever the settings: malformed escapes and `%00`. With `normalizesPath` also: climbing above the root, and dot segments in
/// disguise that some servers honour (`/..;x/`, or `..` next to a kept escaped slash). A backslash counts as an escaped slash.
public struct PathNormalizer: Sendable, Hashable {
    /// What happens to `%2F`, `%5C` and `\`. Raw values are the spellings of the configuration.
    public enum EscapedSlashes: String, Sendable, Hashable, CaseIterable {
        case reject = "reject_request"
        case keepUnchanged = "keep_unchanged"
        case unescapeAndRedirect = "unescape_and_redirect"
        case unescapeAndForward = "unescape_and_forward"
    }

    public enum Result: Sendable, Hashable {
        /// The path is in its normal form.
        case unchanged
        /// Go on with this path.
        case rewritten([UInt8])
        /// Send the client to this path, which never begins with `//`; the query is kept.
        case redirect([UInt8])
        /// Answer 400 `path_normalization_failed`.
        case rejected
    }

    public var normalizesPath: Bool
    public var mergesSlashes: Bool
    public var escapedSlashes: EscapedSlashes

    public init(normalizesPath: Bool = true, mergesSlashes: Bool = true, escapedSlashes: EscapedSlashes = .reject) {
        self.normalizesPath = normalizesPath
        self.mergesSlashes = mergesSlashes
        self.escapedSlashes = escapedSlashes
    }

    /// Judges the path of an origin-form target, without its query. Allocates only when there is something to do.
    /// What does not begin with `/` (`*`, the empty path of CONNECT) is left alone.
    public func normalize(_ path: ByteView) -> Result {
        path.withUnsafeBytes { bytes in
            guard bytes.first == 0x2F, needsWork(bytes) else { return .unchanged }
            return rewrite(bytes)
        }
    }

    private func needsWork(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x25:
                guard let value = PercentDecoder.escape(at: index, of: bytes) else { return true }
                if value == 0 || value == 0x2F || value == 0x5C { return true }
                if normalizesPath {
                    let hasLowercaseDigit = bytes[index + 1] >= 0x61 || bytes[index + 2] >= 0x61
                    if hasLowercaseDigit || Self.isUnreserved(value) { return true }
                }
                index &+= 3
                continue
            case 0x5C:
                return true
            case 0x2F where index + 1 < bytes.count:
                let next = bytes[index + 1]
                if mergesSlashes, next == 0x2F { return true }
                if normalizesPath, next == 0x2E, Self.mayBeDotSegment(bytes, at: index + 1) { return true }
            default:
                break
            }
            index &+= 1
        }
        return false
    }

    /// False for the ordinary names that begin with a dot: `.well-known`, `.pomerium`.
    private static func mayBeDotSegment(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        var index = start
        while index < bytes.count, bytes[index] == 0x2E { index &+= 1 }
        guard index < bytes.count else { return true }
        return bytes[index] == 0x2F || bytes[index] == 0x25 || bytes[index] == 0x5C || bytes[index] == 0x3B
    }

    private func rewrite(_ bytes: UnsafeRawBufferPointer) -> Result {
        guard let (unescaped, changedSlashes) = unescape(bytes) else { return .rejected }
        var path = unescaped
        if normalizesPath {
            guard let resolved = DotSegments.remove(from: path) else { return .rejected }
            path = resolved
        }
        if mergesSlashes { path = Self.mergeSlashes(path) }
        if path.elementsEqual(bytes) { return .unchanged }
        guard changedSlashes, escapedSlashes == .unescapeAndRedirect else { return .rewritten(path) }
        // `//host` in a Location would lead to another site.
        let rest = path.firstIndex { $0 != 0x2F } ?? path.endIndex
        return .redirect([0x2F] + path[rest...])
    }

    /// Resolves escapes; nil when the path is refused.
    private func unescape(_ bytes: UnsafeRawBufferPointer) -> (path: [UInt8], changedSlashes: Bool)? {
        var path: [UInt8] = []
        path.reserveCapacity(bytes.count)
        var changedSlashes = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x25 || byte == 0x5C else {
                path.append(byte)
                index &+= 1
                continue
            }
            let length = byte == 0x25 ? 3 : 1
            guard let value = byte == 0x25 ? PercentDecoder.escape(at: index, of: bytes) : byte, value != 0 else { return nil }
            if value == 0x2F || value == 0x5C, escapedSlashes != .keepUnchanged {
                guard escapedSlashes != .reject else { return nil }
                path.append(0x2F)
                changedSlashes = true
            } else if length == 1 || !normalizesPath {
                path.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index..<index + length]))
            } else if Self.isUnreserved(value) {
                path.append(value)
            } else {
                path.append(0x25)
                path.append(PercentDecoder.hexDigit(value >> 4))
                path.append(PercentDecoder.hexDigit(value & 0x0F))
            }
            index &+= length
        }
        return (path, changedSlashes)
    }

    private static func mergeSlashes(_ path: [UInt8]) -> [UInt8] {
        var merged: [UInt8] = []
        merged.reserveCapacity(path.count)
        for byte in path where byte != 0x2F || merged.last != 0x2F { merged.append(byte) }
        return merged
    }

    /// RFC 3986 section 2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        ByteClass.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
    }
}

/// Removal of `.` and `..` segments (RFC 3986 section 5.2.4) that refuses what the RFC only drops.
enum DotSegments {
    /// Nil when the path climbs above its root or hides a dot segment. `path` begins with `/`.
    static func remove(from path: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(path.count)
        var start = 1
        while start <= path.count {
            let end = path[start...].firstIndex(of: 0x2F) ?? path.endIndex
            let segment = path[start..<end]
            let isLast = end == path.endIndex
            if isDots(segment) {
                if segment.count == 2 {
                    guard let slash = result.lastIndex(of: 0x2F) else { return nil }
                    result.removeSubrange(slash...)
                }
                if isLast { result.append(0x2F) }
            } else {
                guard !hidesDots(segment) else { return nil }
                result.append(0x2F)
                result.append(contentsOf: segment)
            }
            start = end + 1
        }
        return result
    }

    private static func isDots(_ segment: ArraySlice<UInt8>) -> Bool {
        (1...2).contains(segment.count) && segment.allSatisfy { $0 == 0x2E }
    }

    /// A dot segment once parameters are cut off (`..;x`), or once a kept escaped slash is taken for a slash (`..%2Fx`).
    private static func hidesDots(_ segment: ArraySlice<UInt8>) -> Bool {
        var start = segment.startIndex
        var index = start
        while index < segment.endIndex {
            var separator = 0
            if segment[index] == 0x5C {
                separator = 1
            } else if segment[index] == 0x25, index + 2 < segment.endIndex {
                let escape = (segment[index + 1], segment[index + 2])
                if escape == (0x32, 0x46) || escape == (0x35, 0x43) { separator = 3 }
            }
            guard separator > 0 else {
                index += 1
                continue
            }
            if isDotsWithParameters(segment[start..<index]) { return true }
            index += separator
            start = index
        }
        return isDotsWithParameters(segment[start...])
    }

    private static func isDotsWithParameters(_ part: ArraySlice<UInt8>) -> Bool {
        isDots(part.prefix { $0 != 0x3B })
    }
}
