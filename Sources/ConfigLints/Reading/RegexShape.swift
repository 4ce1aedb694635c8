/// The structure of a regular expression, as far as it tells how many ways there are to match one text.
indirect enum RegexShape: Sendable, Equatable {
    case bytes(ByteSet)
    case sequence([RegexShape])
    case choice([RegexShape])
    /// `isOptional`: also none. `isUnbounded`: `*`, `+`, `{n,}`, and bounds so high that it makes no difference.
    case repeated(RegexShape, isOptional: Bool, isUnbounded: Bool)
    /// Anchors.
    case nothing

    /// Every byte that may occur in a match.
    var letters: ByteSet {
        switch self {
        case .bytes(let set): set
        case .sequence(let parts), .choice(let parts): parts.reduce(ByteSet()) { $0.union($1.letters) }
        case .repeated(let body, _, _): body.letters
        case .nothing: ByteSet()
        }
    }

    /// Whether the empty text matches.
    var isOptional: Bool {
        switch self {
        case .bytes: false
        case .sequence(let parts): parts.allSatisfy(\.isOptional)
        case .choice(let parts): parts.contains(where: \.isOptional)
        case .repeated(let body, let isOptional, _): isOptional || body.isOptional
        case .nothing: true
        }
    }

    /// Whether some text can be split among the rounds of a repetition in a number of ways that grows exponentially with its length.
    ///
    /// Cautious: what separates the rounds clearly, such as the slash in `(/[a-z]+)*`, keeps it from being reported.
    var isExplosive: Bool {
        switch self {
        case .bytes, .nothing: false
        case .sequence(let parts), .choice(let parts): parts.contains(where: \.isExplosive)
        case .repeated(let body, _, let isUnbounded): body.isExplosive || isUnbounded && body.isAmbiguousWhenRepeated
        }
    }

    private var isAmbiguousWhenRepeated: Bool {
        switch self {
        case .bytes, .nothing: return false
        case .repeated(_, _, let isUnbounded): return isUnbounded
        case .choice(let parts):
            if parts.contains(where: \.isAmbiguousWhenRepeated) { return true }
            var seen = ByteSet()
            for case .bytes(let set) in parts {
                if seen.intersects(set) { return true }
                seen = seen.union(set)
            }
            return false
        case .sequence(let parts):
            for (index, part) in parts.enumerated() where part.isAmbiguousWhenRepeated {
                let letters = part.letters
                let separated = parts.indices.contains { $0 != index && !parts[$0].isOptional && !parts[$0].letters.intersects(letters) }
                if !separated { return true }
            }
            return false
        }
    }
}
