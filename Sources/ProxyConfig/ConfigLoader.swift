public import Diagnostics
import Foundation
import PolicyLanguage
import RouteOptions
import Routing

/// Makes configuration snapshots from a file and the environment.
///
/// Precedence: environment, then file, then default; an empty variable counts as unset. Every problem is found in one pass.
public struct ConfigLoader: Sendable {
    private let environment: [String: String]
    private let allowUnknownKeys: Bool
    private let runsTests: Bool
    private let readFile: @Sendable (String) throws -> String
    private let now: @Sendable () -> Int64
    /// It is only watched by another configuration, so it has no candidate of its own.
    private var isCandidate = false

    /// - Parameters:
    ///   - environment: the process's variables, or a part of them.
    ///   - allowUnknownKeys: keys that nobody knows are warnings instead of errors.
    ///   - runsTests: whether a failed policy test refuses the whole, as it must before a configuration is used.
    ///   - readFile: how files are read; what it throws is shown to the operator.
    ///   - now: nanoseconds since 1970.
    public init(
        environment: [String: String], allowUnknownKeys: Bool = false, runsTests: Bool = true, readFile: (@Sendable (String) throws -> String)? = nil,
        now: (@Sendable () -> Int64)? = nil
    ) {
        self.environment = environment
        self.allowUnknownKeys = allowUnknownKeys
        self.runsTests = runsTests
        self.readFile = readFile ?? LocalFiles.read
        self.now = now ?? { Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000 }
    }

    /// How files are read unless something else is given: a file, a pipe or a descriptor such as `/dev/fd/3`, of at most 16 MiB.
    @Sendable public static func readLocalFile(_ path: String) throws -> String { try LocalFiles.read(path) }

    /// Reads everything and refuses it as a whole if there is any error: for starting, and for checking a file.
    ///
    /// - Parameters:
    ///   - path: YAML (`.yaml`, `.yml`) or JSON (`.json`); nil takes environment and defaults alone.
    ///   - previous: an earlier snapshot of the same file. Routes whose text has not changed are taken from it as they are.
    public func load(_ path: String?, after previous: ConfigSnapshot? = nil) throws(DiagnosticError) -> ConfigSnapshot {
        let reads = FileReads(readFile)
        return try assemble(try read(path, after: previous?.remembered, reads), reads, tolerant: false)
    }

    /// As ``load(_:after:)``, but a route that cannot be built answers 503 under its origin, whatever the path, while all others work: for reloading.
    ///
    /// The errors of such routes are in the snapshot's report. Everything else that is wrong, and a route whose origin cannot be read, still
    /// refuses the whole.
    public func loadTolerant(_ path: String?, after previous: ConfigSnapshot? = nil) throws(DiagnosticError) -> ConfigSnapshot {
        let reads = FileReads(readFile)
        return try assemble(try read(path, after: previous?.remembered, reads), reads, tolerant: true)
    }

    /// Reads a file once and tells all that there is to say about it: for checking it.
    public func examine(_ path: String) -> ConfigExamination {
        let reads = FileReads(readFile)
        do throws(DiagnosticError) {
            let reading = try read(path, after: nil, reads)
            var examination = ConfigExamination(text: reading.source?.text, document: reading.document)
            do throws(DiagnosticError) {
                let snapshot = try assemble(reading, reads, tolerant: false)
                examination.report = snapshot.report
                examination.snapshot = snapshot
                examination.isAccepted = true
            } catch {
                examination.report = error.report
                // Where only some routes are wrong, the others can be looked at.
                examination.snapshot = try? assemble(reading, reads, tolerant: true)
            }
            return examination
        } catch {
            return ConfigExamination(report: error.report)
        }
    }

    // MARK: Step by step

    private func read(_ path: String?, after previous: RememberedRoutes?, _ reads: FileReads) throws(DiagnosticError) -> ConfigReading {
        let reader = ConfigReader(environment: environment, allowUnknownKeys: allowUnknownKeys, reads: reads)
        guard let path else { return try reader.whole(nil) }
        let source = try ConfigText.read(path, reads)
        if let changes = previous.flatMap({ reader.changes(in: source, since: $0) }) { return changes }
        return try reader.whole(source)
    }

    /// Judges what was read as a whole, and makes the snapshot.
    private func assemble(_ reading: ConfigReading, _ reads: FileReads, tolerant: Bool) throws(DiagnosticError) -> ConfigSnapshot {
        var report = reading.report
        let authenticateURL = try judge(reading, tolerant: tolerant, &report)
        var files = (reading.source.map { [$0.path] } ?? []) + reading.settingFiles + reading.routeFiles
        var routes = reading.routes.compactMap(\.compiled)
        if !isCandidate, let candidate = reading.settings.shadowConfigFile {
            files += watch(candidate, named: reading.entries["shadow_config_file"], &routes, reads, &report)
        }
        let table = RouteTable(routes)
        let lines = reading.routes.lazy.filter { $0.compiled != nil }.map(\.linesMoved)
        let places = RoutePlaces(zip(routes, lines).map { ($0, $1) })
        let moment = now()
        if runsTests { try runTests(of: reading, table, places, at: moment, &report) }
        var seen: Set<String> = []
        files = files.filter { seen.insert($0).inserted }
        let remembered = RememberedRoutes(reading, environment: environment, allowUnknownKeys: allowUnknownKeys, reads)
        var work = reading.work
        work.filesRead = reads.count
        return ConfigSnapshot(
            settings: reading.settings, table: table, places: places, authenticateURL: authenticateURL,
            hash: ConfigHash.make(reads, of: seen, environment: environment), loadedAt: moment, report: report, referencedFiles: files,
            remembered: remembered, work: work)
    }

    /// Adds what there is to say about the routes, each alone and beside one another, and refuses what cannot be used.
    private func judge(
        _ reading: ConfigReading, tolerant: Bool, _ report: inout DiagnosticReport
    ) throws(DiagnosticError) -> AbsoluteURL {
        var routeReport = DiagnosticReport()
        for route in reading.routes { route.tell(&routeReport) }
        let decoded = reading.routes.filter { $0.reading.decoded != nil }
        RouteOverlap.check(decoded.compactMap(\.reading.match), &routeReport) { decoded[$0].definition }
        let authenticateURL = AuthenticateLocation.resolve(reading.settings, reading.routes, &report)
        let mustRefuse =
            report.hasErrors || reading.hasUnreadableList || reading.routes.contains(where: \.reading.hasNoOrigin)
            || (routeReport.hasErrors && !tolerant)
        report.merge(routeReport)
        guard !mustRefuse else { throw DiagnosticError(report) }
        return authenticateURL
    }

    private func runTests(
        of reading: ConfigReading, _ table: RouteTable, _ places: RoutePlaces, at moment: Int64, _ report: inout DiagnosticReport
    ) throws(DiagnosticError) {
        var failures = DiagnosticReport()
        PolicyTestRunner.check(
            table: table, places: places, definitions: reading.routes.filter(\.hasTests).map(\.definition), settings: reading.settings,
            now: UnixTime(nanoseconds: moment), &failures)
        report.merge(failures)
        guard !failures.hasErrors else { throw DiagnosticError(report) }
    }

    /// Lays the policies of a candidate beside those of the routes. Whatever is wrong with it is a warning. The answer is the files that it consists of.
    private func watch(
        _ path: String, named entry: ConfigEntry?, _ routes: inout [CompiledRoute], _ reads: FileReads, _ report: inout DiagnosticReport
    ) -> [String] {
        var loader = ConfigLoader(environment: environment, allowUnknownKeys: true, readFile: { try reads.read($0) }, now: now)
        loader.isCandidate = true
        do {
            let candidate = try loader.load(path)
            let shadow = ShadowConfiguration(candidate)
            routes = routes.map { shadow.watching($0) }
            return candidate.referencedFiles
        } catch {
            let problem = error.report.sorted.first { $0.severity == .error }
            report.warning(
                "shadow-config", "the candidate configuration \(path) is not watched: \(problem?.message ?? "it cannot be read")",
                at: problem?.position ?? entry?.position, help: "run: postern check \(path)")
            return [path]
        }
    }
}
