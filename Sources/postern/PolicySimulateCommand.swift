import ArgumentParser
import Authorize
import BrokerStorage
import Diagnostics
import Foundation
import PolicyLanguage
import ProxyConfig
import Records
import Routing
import ServerRuntime

/// `postern policy simulate --as USER --url URL`: what a configuration would answer somebody whom the store knows.
struct PolicySimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Tell what somebody may do: which route, which decision, and why.",
        discussion: """
            Claims and groups are those in the store of the data directory, also while a server uses it; nothing is written. The question is answered \
            as if the user were signed in, and whether they are is told. Exit status 0 whatever the decision is.
            """)

    @Option(name: .customLong("as"), help: "An e-mail address, a user's id, or anonymous.")
    var subject: String

    @Option(help: "The address asked for.")
    var url: String

    @Option(help: "The request's method.")
    var method = "GET"

    @Option(help: "The client's IP address.")
    var ip: String?

    @Option(help: "When, for example 2026-01-31T12:00:00Z. Default: now.")
    var at: String?

    @Option(help: "The configuration file.")
    var config: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var storage: DataDirectoryOptions

    func validate() throws {
        if let ip, IPAddress(ip) == nil { throw ValidationError("--ip: \(ip) is not an IP address") }
        if let at, UnixTime(iso8601: at) == nil { throw ValidationError("--at: \(at) is not an ISO 8601 date") }
        do { _ = try AbsoluteURL(url) } catch { throw ValidationError("--url: \(error.message)") }
    }

    func run() async throws {
        do {
            let environment = ProcessInfo.processInfo.environment
            let config = try ConfigLoader(environment: environment, allowUnknownKeys: options.allowUnknownKeys, runsTests: false).load(config)
            let now = PolicyMoment.now
            let found = subject == "anonymous" ? nil : try await find(config.settings, environment, now: now.seconds)
            let request = PolicyProbe.Request(url: try AbsoluteURL(url), method: method, address: ip.flatMap { IPAddress($0) })
            let moment = at.flatMap { UnixTime(iso8601: $0) } ?? now
            let finding = PolicyProbe(config).ask(request, as: found?.principal, at: moment)
            if json {
                StandardStreams.out(try PolicyJSON.text(Report(finding, found, at: moment)))
            } else {
                StandardStreams.out(text(finding, found, at: moment))
            }
        } catch let error as DiagnosticError {
            StandardStreams.error(error.report.rendered())
            throw ExitCode(1)
        } catch let error as RecordStoreError {
            StandardStreams.error("error: \(error)\n")
            throw ExitCode(1)
        }
    }

    private func find(_ settings: Settings, _ environment: [String: String], now: Int64) async throws -> StoredSubject {
        if settings.databrokerStorageType == .memory {
            throw DiagnosticError(
                Diagnostic(
                    code: "storage", "databroker_storage_type: memory keeps users in the server's memory alone",
                    help: "write a test with the claims instead, or use --as anonymous"))
        }
        let directory = DataDirectory.choose(flag: storage.dataDir, configured: settings.dataDir, environment: environment)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory.path, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw DiagnosticError(
                Diagnostic(
                    code: "data-directory", "there is no data directory \(directory.path)", help: "name that of the server with --data-dir"))
        }
        let found = try await StorageCatalog.withStore(
            type: "file", dataDirectory: directory.path, connection: settings.databrokerStorageConnectionString
        ) { store in
            try await StoredSubject.find(subject, in: store, now: now)
        }
        guard let found else {
            throw DiagnosticError(
                Diagnostic(
                    code: "unknown-user", "the store knows no user \(subject)",
                    help: "they must have signed in once, or be in postern users list; a test can name claims and groups of anybody"))
        }
        return found
    }

    private func text(_ finding: PolicyProbe.Finding, _ found: StoredSubject?, at moment: UnixTime) -> String {
        let decision = finding.decision
        var lines = ["\(decision.outcome.rawValue)" + (decision.reasons.isEmpty ? "" : " (\(decision.reasons.joined(separator: ", ")))")]
        lines.append("\(method) \(url) at \(moment)")
        if let found {
            let principal = found.principal
            lines.append("as \(principal.emailText) (\(principal.userID)), groups [\((principal.groups ?? []).joined(separator: ", "))]")
            lines.append(
                found.session.map { "signed in until \(UnixTime(seconds: $0.expiresAt))" } ?? "not signed in now: the first answer would be sign-in")
        } else {
            lines.append("as nobody")
        }
        return (lines + PolicyFindingText.lines(finding)).joined(separator: "\n") + "\n"
    }

    /// What `--json` prints.
    struct Report: Encodable {
        struct User: Encodable {
            var id: String
            var email: String
            var groups: [String]
            var claims: [String: [String]]
            var signedIn: Bool

            enum CodingKeys: String, CodingKey {
                case id, email, groups, claims
                case signedIn = "signed_in"
            }
        }

        var route: String?
        var routeID: String?
        var position: String?
        var note: String?
        var user: User?
        var at: String
        var decision: PolicyDecision

        enum CodingKeys: String, CodingKey {
            case route, position, note, user, at, decision
            case routeID = "route_id"
        }

        init(_ finding: PolicyProbe.Finding, _ found: StoredSubject?, at moment: UnixTime) {
            route = finding.route?.name
            routeID = finding.route?.id
            position = finding.route?.definition.position.map { "\($0)" }
            note = finding.note
            user = found.map { found in
                User(
                    id: found.principal.userID, email: "\(found.principal.emailText)", groups: found.principal.groups ?? [],
                    claims: found.principal.claims.mapValues { $0.map(\.description) }, signedIn: found.session != nil)
            }
            at = "\(moment)"
            decision = finding.decision
        }
    }
}
