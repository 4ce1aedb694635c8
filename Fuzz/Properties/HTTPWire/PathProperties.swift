import HTTPWire

/// What must hold for every path under every setting. Nil when it does, the broken rule otherwise.
///
/// The outcome is in normal form: it is left unchanged the next time, and contains nothing that the settings exclude.
public func pathNormalizerViolation(_ bytes: [UInt8]) -> String? {
    let path = ByteView([0x2F] + bytes)
    for normalizes in [true, false] {
        for merges in [true, false] {
            for slashes in PathNormalizer.EscapedSlashes.allCases {
                let normalizer = PathNormalizer(normalizesPath: normalizes, mergesSlashes: merges, escapedSlashes: slashes)
                if let violation = violation(of: normalizer, path) { return "\(violation) (\(normalizer))" }
            }
        }
    }
    var decoded: [UInt8] = []
    if PercentDecoder.decode(path, into: &decoded), let text: String = PercentDecoder.decode(path), Array(text.utf8) != decoded {
        return "the two ways to decode differ"
    }
    return nil
}

private func violation(of normalizer: PathNormalizer, _ path: ByteView) -> String? {
    let outcome: [UInt8]
    switch normalizer.normalize(path) {
    case .rejected: return nil
    case .unchanged: outcome = path.array
    case .rewritten(let rewritten): outcome = rewritten
    case .redirect(let target):
        guard normalizer.escapedSlashes == .unescapeAndRedirect else { return "a redirect that nobody asked for" }
        if target.starts(with: [0x2F, 0x2F]) { return "a redirect to another site" }
        outcome = target
    }
    guard outcome.first == 0x2F else { return "the path lost its root" }
    if normalizer.normalize(ByteView(outcome)) != .unchanged { return "the outcome is not in normal form" }
    let segments = outcome.split(separator: 0x2F, omittingEmptySubsequences: false).dropFirst()
    if normalizer.normalizesPath {
        for segment in segments where segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8) { return "a dot segment is left" }
        let text = String(decoding: outcome, as: UTF8.self).lowercased()
        if text.contains("%2e") || text.contains("%41") || text.contains("%7e") { return "an unreserved byte is still escaped" }
    }
    if normalizer.mergesSlashes, segments.dropLast().contains(where: \.isEmpty) { return "an empty segment is left" }
    var decoded: [UInt8] = []
    guard PercentDecoder.decode(ByteView(outcome), into: &decoded) else { return "a malformed escape is left" }
    if decoded.contains(0), !path.contains(0) { return "an escaped zero is left" }
    if normalizer.escapedSlashes != .keepUnchanged {
        let slashes = { (bytes: [UInt8]) in bytes.reduce(0) { $0 + ($1 == 0x2F || $1 == 0x5C ? 1 : 0) } }
        if slashes(decoded) != slashes(outcome) || outcome.contains(0x5C) { return "an escaped slash is left" }
    }
    return nil
}
