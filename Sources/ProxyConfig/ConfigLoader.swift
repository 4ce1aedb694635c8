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
    private let readFile: @Sendable (String) throws -> String
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - environment: the process's variables, or a part of them.
    ///   - allowUnknownKeys: keys that nobody knows are warnings instead of errors.
    ///   - readFile: how files are read; what it throws is shown to the operator.
    ///   - now: nanoseconds since 1970.
    public init(
        environment: [String: String], allowUnknownKeys: Bool = false, readFile: (@Sendable (String) throws -> String)? = nil,
        now: (@Sendable () -> Int64)? = nil
    ) {
        self.environment = environment
        self.allowUnknownKeys = allowUnknownKeys
        self.readFile = readFile ?? LocalFiles.read
        self.now = now ?? { Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000 }
    }

    /// How files are read unless something else is given: a file, a pipe or a descriptor such as `/dev/fd/3`, of at most 16 MiB.
    @Sendable public static func readLocalFile(_ path: String) throws -> String { try LocalFiles.read(path) }

    /// Reads everything and refuses it as a whole if there is any error: for starting, and for checking a file.
    ///
    /// - Parameter path: YAML (`.yaml`, `.yml`) or JSON (`.json`); nil takes environment and defaults alone.
    public func load(_ path: String?) throws(DiagnosticError) -> ConfigSnapshot {
        try snapshot(at: path, tolerant: false)
    }

    /// As ``load(_:)``, but a route that cannot be built answers 503 under its origin, whatever the path, while all others work: for reloading.
    ///
    /// The errors of such routes are in the snapshot's report. Everything else that is wrong, and a route whose origin cannot be read, still
    /// refuses the whole.
    public func loadTolerant(_ path: String?) throws(DiagnosticError) -> ConfigSnapshot {
        try snapshot(at: path, tolerant: true)
    }

    private func snapshot(at path: String?, tolerant: Bool) throws(DiagnosticError) -> ConfigSnapshot {
        let reads = FileReads(readFile)
        var report = DiagnosticReport()
        let document = try Self.document(at: path, reads, &report)
        var decoder = SettingsDecoder(allowUnknownKeys: allowUnknownKeys, readFile: { try reads.read($0) })
        decoder.decode(file: document, environment: environment)
        report.merge(decoder.context.report)

        var routeDecoder = RouteDecoder(allowUnknownKeys: allowUnknownKeys, readFile: { try reads.read($0) })
        let lists = ["policy", "routes"].compactMap { decoder.context.entries[$0] }
        let decoded = lists.flatMap { routeDecoder.decode($0) }
        var routeReport = routeDecoder.report
        let compiler = RouteCompiler(settings: decoder.context.settings, criteria: .standard)
        let routes = decoded.compactMap { compiler.compile($0, &routeReport) }
        RouteOverlap.check(decoded.map(\.definition), &routeReport)
        let authenticateURL = AuthenticateLocation.resolve(decoder.context.settings, routes, &report)

        let mustRefuse = report.hasErrors || routeDecoder.hasRoutesWithoutOrigin || (routeReport.hasErrors && !tolerant)
        report.merge(routeReport)
        guard !mustRefuse else { throw DiagnosticError(report) }
        var files = path.map { [$0] } ?? []
        for file in decoder.context.referencedFiles + routeDecoder.referencedFiles where !files.contains(file) { files.append(file) }
        return ConfigSnapshot(
            settings: decoder.context.settings, table: RouteTable(routes), authenticateURL: authenticateURL, hash: hash(reads), loadedAt: now(),
            report: report, referencedFiles: files)
    }

    private static func document(at path: String?, _ reads: FileReads, _ report: inout DiagnosticReport) throws(DiagnosticError) -> PositionedValue? {
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
        let text: String
        do {
            text = try reads.read(path)
        } catch {
            throw DiagnosticError(Diagnostic(code: "unreadable-file", "failed to read config: \(error)", at: SourcePosition(file: path)))
        }
        guard let value = PositionedValue.parse(yaml: text, file: path, report: &report) else { throw DiagnosticError(report) }
        return value
    }

    /// Every file and every variable that counts, with lengths between them so that nothing can be shifted from one to the next.
    private func hash(_ reads: FileReads) -> String {
        var parts = reads.all.flatMap { [$0.path, $0.text] }
        for name in Set(SettingCatalog.standard.settings.flatMap(\.environmentNames)).sorted() {
            if let value = environment[name], !value.isEmpty { parts += [name, value] }
        }
        return RandomToken.digest(parts.map { "\($0.utf8.count):\($0)" }.joined())
    }
}
