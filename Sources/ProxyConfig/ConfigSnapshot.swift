public import Diagnostics
public import Routing

/// One configuration, complete and immutable: what a request is served by from beginning to end. Reload makes a new one.
public final class ConfigSnapshot: Sendable {
    public let settings: Settings
    public let table: RouteTable
    /// Where the routes stand in the file.
    public let places: RoutePlaces
    /// `authenticate_service_url`, or where sign-in lives when it is not set: `https://authenticate.localhost` on the port of `address`.
    public let authenticateURL: AbsoluteURL
    /// Hex of a digest over everything that was read: the file, the environment variables that count, and the files they name.
    public let hash: String
    /// Nanoseconds since 1970.
    public let loadedAt: Int64
    /// Notes and warnings; after a tolerant load also the errors of routes that were refused alone.
    public let report: DiagnosticReport
    /// The configuration file and every file that it names, to be watched.
    public let referencedFiles: [String]

    /// For the next load of the same file.
    let remembered: RememberedRoutes?
    /// What the load cost.
    let work: LoadWork

    /// In list order.
    public var routes: [CompiledRoute] { table.routes }

    /// Routes that could not be built and answer nothing but 503, after a tolerant load.
    public let refusedRoutes: [CompiledRoute]

    init(
        settings: Settings, table: RouteTable, places: RoutePlaces, authenticateURL: AbsoluteURL, hash: String, loadedAt: Int64,
        report: DiagnosticReport,
        referencedFiles: [String], remembered: RememberedRoutes?, work: LoadWork
    ) {
        self.settings = settings
        self.table = table
        self.places = places
        self.authenticateURL = authenticateURL
        self.hash = hash
        self.loadedAt = loadedAt
        self.report = report
        self.referencedFiles = referencedFiles
        self.remembered = remembered
        self.work = work
        refusedRoutes = table.routes.filter { if case .unavailable = $0.destination { true } else { false } }
    }
}
