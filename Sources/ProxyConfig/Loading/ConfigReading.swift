import Diagnostics
import PolicyLanguage
import Routing

/// What the files and the environment say, read piece by piece, before it is judged as a whole.
struct ConfigReading {
    /// Nil: environment and defaults alone.
    var source: ConfigText?
    /// The file as it was parsed; without the list of routes where only changed routes were read.
    var document: PositionedValue?
    /// Everything but the routes.
    var settings: Settings
    var entries: [String: ConfigEntry]
    var settingFiles: [String]
    var routes: [PlacedRoute] = []
    /// What there is to say about everything but single routes.
    var report: DiagnosticReport
    /// What should be the list of routes is none.
    var hasUnreadableList = false
    /// How the list stands in the text, if that is so plain that the next load can read changed routes alone.
    var list: RouteListText?
    var defaults: RouteDefaults
    var work = LoadWork()

    init(source: ConfigText?, document: PositionedValue?, _ context: SettingsDecodingContext, _ defaults: RouteDefaults) {
        self.source = source
        self.document = document
        self.defaults = defaults
        settings = context.settings
        entries = context.entries
        settingFiles = context.referencedFiles
        report = context.report
    }

    /// Each file that a route names, in the order of the routes.
    var routeFiles: [String] {
        var seen: Set<String> = []
        var files: [String] = []
        for route in routes {
            for file in route.reading.files where seen.insert(file).inserted { files.append(file) }
        }
        return files
    }
}

/// What a load did, in numbers that do not depend on the machine.
struct LoadWork: Sendable, Equatable {
    /// YAML texts: the file, or parts of it.
    var textsParsed = 0
    var routesDecoded = 0
    var routesCompiled = 0
    var filesRead = 0
}
