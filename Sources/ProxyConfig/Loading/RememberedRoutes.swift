import Routing

/// The routes of a load, for the next one: those whose text is the same are neither parsed, decoded nor compiled again.
final class RememberedRoutes: Sendable {
    private let path: String
    private let environment: [String: String]
    private let allowUnknownKeys: Bool
    /// Text by path of every file that a route names.
    private let files: [String: String]
    let list: RouteListText
    /// What they were compiled with.
    let defaults: RouteDefaults
    /// One for each item of the list.
    let routes: [PlacedRoute]

    /// Nil where the list is not written in the way that makes a route readable alone.
    init?(_ reading: ConfigReading, environment: [String: String], allowUnknownKeys: Bool, _ reads: FileReads) {
        guard let source = reading.source, let list = reading.list, list.items.count == reading.routes.count else { return nil }
        path = source.path
        self.environment = environment
        self.allowUnknownKeys = allowUnknownKeys
        files = Dictionary(reading.routeFiles.compactMap { path in (try? reads.read(path)).map { (path, $0) } }) { first, _ in first }
        self.list = list
        defaults = reading.defaults
        routes = reading.routes
    }

    /// Whether a load with these arguments may take routes from here.
    func belongs(to path: String, environment: [String: String], allowUnknownKeys: Bool) -> Bool {
        path == self.path && environment == self.environment && allowUnknownKeys == self.allowUnknownKeys
    }

    /// Files of routes that hold something else than they held. All of them are read, as they count for the next snapshot.
    func changedFiles(_ reads: FileReads) -> Set<String> {
        var changed: Set<String> = []
        for (path, text) in files where (try? reads.read(path)) != text { changed.insert(path) }
        return changed
    }
}
