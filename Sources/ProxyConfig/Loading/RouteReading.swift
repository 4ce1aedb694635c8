import Diagnostics
import RouteOptions
import Routing

/// A route with everything that reading it gave, placed where it stood then. An object, so that a load copies references and not thousands of
/// definitions.
final class RouteReading: Sendable {
    /// The file, or the variable of the environment, that it stands in.
    let file: String
    /// Nil for an entry that is no route.
    let decoded: DecodedRoute?
    let compiled: CompiledRoute?
    /// Of decoding.
    let decoding: DiagnosticReport
    let compiling: DiagnosticReport
    let hasNoOrigin: Bool
    let files: [String]
    /// Nil for an entry that is no route.
    let match: RouteOverlap.Match?

    /// Compiles the route.
    init(_ decoded: DecodedRoute?, of file: String, decoding: DiagnosticReport, hasNoOrigin: Bool, files: [String], _ compiler: RouteCompiler) {
        self.decoded = decoded
        self.file = file
        self.decoding = decoding
        self.hasNoOrigin = hasNoOrigin
        self.files = files
        match = decoded.map { RouteOverlap.Match($0.definition) }
        var report = DiagnosticReport()
        compiled = decoded.flatMap { compiler.compile($0, &report) }
        compiling = report
    }

    /// With the settings that `compiler` has.
    func compiled(by compiler: RouteCompiler) -> RouteReading {
        RouteReading(decoded, of: file, decoding: decoding, hasNoOrigin: hasNoOrigin, files: files, compiler)
    }
}

/// A route where it stands now.
struct PlacedRoute: Sendable {
    let reading: RouteReading
    /// Since it was read.
    var linesMoved = 0

    init(_ reading: RouteReading) {
        self.reading = reading
    }

    /// The same, further down in its file.
    func moved(byLines lines: Int) -> PlacedRoute {
        var moved = self
        moved.linesMoved += lines
        return moved
    }

    /// With the settings that `compiler` has.
    func compiled(by compiler: RouteCompiler) -> PlacedRoute {
        PlacedRoute(reading.compiled(by: compiler)).moved(byLines: linesMoved)
    }

    var compiled: CompiledRoute? { reading.compiled }

    var position: SourcePosition? { reading.decoded?.definition.position?.moved(byLines: linesMoved, in: reading.file) }

    /// For telling where it stands: its policy knows the places of when it was read.
    var definition: RouteDefinition {
        var definition = reading.decoded?.definition ?? RouteDefinition()
        definition.position = position
        for index in definition.tests.indices {
            definition.tests[index].position = definition.tests[index].position.moved(byLines: linesMoved, in: reading.file)
        }
        return definition
    }

    var hasTests: Bool { reading.decoded?.definition.tests.isEmpty == false }

    /// Adds what there is to say about the route.
    func tell(_ report: inout DiagnosticReport) {
        if !reading.decoding.isEmpty { report.merge(reading.decoding.moved(byLines: linesMoved, in: reading.file)) }
        if !reading.compiling.isEmpty { report.merge(reading.compiling.moved(byLines: linesMoved, in: reading.file)) }
    }
}
