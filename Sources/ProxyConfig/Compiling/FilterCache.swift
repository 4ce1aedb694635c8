import HTTPWire
import Synchronization

/// Filters by what they drop: most routes of a configuration drop the same, and share one.
final class FilterCache: Sendable {
    private struct Key: Hashable {
        var names: [String]
        var keepsUnderscoreNames: Bool
    }

    private let filters = Mutex<[Key: FieldFilter]>([:])

    func filter(dropping names: [String], keepsUnderscoreNames: Bool = true) -> FieldFilter {
        filters.withLock { filters in
            let key = Key(names: names, keepsUnderscoreNames: keepsUnderscoreNames)
            if let known = filters[key] { return known }
            let made = FieldFilter(dropping: names, keepsUnderscoreNames: keepsUnderscoreNames)
            filters[key] = made
            return made
        }
    }
}
