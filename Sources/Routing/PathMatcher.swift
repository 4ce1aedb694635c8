/// `path`, `prefix` or `regex` of a route; at most one of them may be given.
public enum PathMatcher: Sendable {
    /// No condition.
    case any
    /// `path`: equal bytes.
    case exact([UInt8])
    /// `prefix`: literal, not aware of segments.
    case prefix([UInt8])
    /// `regex`: the whole path.
    case regex(PathRegex)

    /// `path` is normalised and without query. An expression that runs into its limits does not match, so its route is not chosen
    /// and later ones that would match are not either: see ``RouteTable``.
    func matches(_ path: UnsafeRawBufferPointer) -> PathRegex.Outcome {
        switch self {
        case .any: .matched
        case .exact(let bytes): path.elementsEqual(bytes) ? .matched : .notMatched
        case .prefix(let bytes): path.count >= bytes.count && path.prefix(bytes.count).elementsEqual(bytes) ? .matched : .notMatched
        case .regex(let regex): regex.matchesWhole(path)
        }
    }
}
