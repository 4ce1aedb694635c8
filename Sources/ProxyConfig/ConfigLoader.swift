public import Diagnostics
import Foundation
import KeyMaterial
import PolicyCriteria
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
        try snapshot(at: path, tolerant: false, previous: previous?.remembered)
    }

    /// As ``load(_:after:)``, but a route that cannot be built answers 503 under its origin, whatever the path, while all others work: for reloading.
    ///
    /// The errors of such routes are in the snapshot's report. Everything else that is wrong, and a route whose origin cannot be read, still
    /// refuses the whole.
    public func loadTolerant(_ path: String?, after previous: ConfigSnapshot? = nil) throws(DiagnosticError) -> ConfigSnapshot {
        try snapshot(at: path, tolerant: true, previous: previous?.remembered)
    }

    private func snapshot(at path: String?, tolerant: Bool, previous: RememberedRoutes?) throws(DiagnosticError) -> ConfigSnapshot {
        let reads = FileReads(readFile)
        var report = DiagnosticReport()
        let source = try Self.source(at: path, reads)
        var update = source.flatMap {
            previous?.update(path: $0.path, text: $0.text, environment: environment, allowUnknownKeys: allowUnknownKeys)
        }
        if update != nil, previous?.hasSameFiles({ try reads.read($0) }) != true { update = nil }
        var document = update?.document
        if let source, document == nil { document = try Self.document(source, &report) }
        var decoder = SettingsDecoder(allowUnknownKeys: allowUnknownKeys, readFile: { try reads.read($0) })
        decoder.decode(file: document, environment: environment)
        report.merge(decoder.context.report)
        let settings = decoder.context.settings

        let compiler = RouteCompiler(settings: settings, criteria: .standard)
        let routeReader = RouteReader(allowUnknownKeys: allowUnknownKeys, compiler: compiler) { try reads.read($0) }
        var routes: [RememberedRoute]
        var hasUnreadableList = false
        let lists = ["policy", "routes"].compactMap { decoder.context.entries[$0] }
        if let update, let previous {
            routes = routeReader.updated(previous, update, keepsCompiled: previous.canKeepCompiled(with: settings))
        } else {
            routes = []
            for list in lists { routes += routeReader.read(list, &report, &hasUnreadableList) }
        }
        var routeReport = DiagnosticReport()
        for route in routes where !route.decoding.isEmpty || !route.compiling.isEmpty {
            routeReport.merge(route.decoding)
            routeReport.merge(route.compiling)
        }
        let decoded = routes.filter { $0.decoded != nil }
        RouteOverlap.check(decoded.map(\.match), &routeReport) { decoded[$0].definition }
        var compiled = routes.compactMap(\.compiled)
        let authenticateURL = AuthenticateLocation.resolve(settings, compiled, &report)

        let mustRefuse = report.hasErrors || hasUnreadableList || routes.contains(where: \.hasNoOrigin) || (routeReport.hasErrors && !tolerant)
        report.merge(routeReport)
        guard !mustRefuse else { throw DiagnosticError(report) }
        var candidateFiles: [String] = []
        if !isCandidate, let candidate = settings.shadowConfigFile {
            candidateFiles = watch(candidate, named: decoder.context.entries["shadow_config_file"], &compiled, reads, &report)
        }
        let table = RouteTable(compiled)
        let moment = now()
        if runsTests {
            var failures = DiagnosticReport()
            PolicyTestRunner.check(
                table: table, definitions: routes.filter(\.hasTests).map(\.definition), settings: settings, now: UnixTime(nanoseconds: moment),
                &failures)
            // Routes that were kept know the lines of before: what is told must be read as a whole.
            if failures.hasErrors, update != nil { return try snapshot(at: path, tolerant: tolerant, previous: nil) }
            report.merge(failures)
            guard !failures.hasErrors else { throw DiagnosticError(report) }
        }
        let routeFiles = routes.flatMap(\.files)
        var seen: Set<String> = []
        let files = ((path.map { [$0] } ?? []) + decoder.context.referencedFiles + routeFiles + candidateFiles).filter { seen.insert($0).inserted }
        var remembered: RememberedRoutes?
        // A list in a variable of the environment is not the file's.
        if let source, let key = update?.key ?? (lists.count == 1 && lists[0].position.file == source.path ? lists[0].key : nil) {
            let texts = Dictionary(routeFiles.compactMap { path in (try? reads.read(path)).map { (path, $0) } }) { first, _ in first }
            remembered = RememberedRoutes(
                path: source.path, text: source.text,
                layout: update?.layout ?? document.flatMap { RouteListLayout(of: key, in: $0, text: Array(source.text.utf8)) }, key: key,
                environment: environment, allowUnknownKeys: allowUnknownKeys, settings: settings, files: texts, routes: routes)
        }
        return ConfigSnapshot(
            settings: settings, table: table, authenticateURL: authenticateURL, hash: hash(reads, of: seen), loadedAt: moment,
            report: report, referencedFiles: files, remembered: remembered)
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

    /// A configuration file as it was read.
    private struct Source {
        var path: String
        var text: String
    }

    private static func source(at path: String?, _ reads: FileReads) throws(DiagnosticError) -> Source? {
        guard let path else { return nil }
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let ending = name.lastIndex(of: ".").map { name[$0...].dropFirst().lowercased() } ?? ""
        guard ["yaml", "yml", "json"].contains(ending) else {
            let known = ["toml", "env", "dotenv"].contains(ending)
            throw DiagnosticError(
                Diagnostic(
                    code: "unsupported-format", "Unsupported Config Type \"\(ending)\"", at: SourcePosition(file: path),
                    help: known ? "write it as YAML, in a file that ends in .yaml" : "the file's name must end in .yaml, .yml or .json"))
        }
        do {
            return Source(path: path, text: try reads.read(path))
        } catch {
            throw DiagnosticError(Diagnostic(code: "unreadable-file", "failed to read config: \(error)", at: SourcePosition(file: path)))
        }
    }

    private static func document(_ source: Source, _ report: inout DiagnosticReport) throws(DiagnosticError) -> PositionedValue {
        guard let value = PositionedValue.parse(yaml: source.text, file: source.path, report: &report) else { throw DiagnosticError(report) }
        return value
    }

    /// Every file and every variable that counts, with lengths between them so that nothing can be shifted from one to the next.
    private func hash(_ reads: FileReads, of files: Set<String>) -> String {
        // Without files that only routes of before name: what a load can take from the one before does not show.
        var parts = reads.all.filter { files.contains($0.path) }.flatMap { [$0.path, $0.text] }
        for name in Set(SettingCatalog.standard.settings.flatMap(\.environmentNames)).sorted() {
            if let value = environment[name], !value.isEmpty { parts += [name, value] }
        }
        return RandomToken.digest(parts.map { "\($0.utf8.count):\($0)" }.joined())
    }
}
