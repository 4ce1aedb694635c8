import ArgumentParser
import Diagnostics
import PolicyCriteria
import PolicyLanguage
import ProxyConfig
import TLSCertificates

/// `postern policy eval --policy FILE --facts FILE`: the decision of one policy about one request.
struct PolicyEvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Judge one request by one policy and print the decision as a JSON object.",
        discussion: """
            Exit status 0 whatever the decision is; 1 if policy or facts cannot be read, with every problem and its position on standard error.
            """)

    @Option(help: "The policy, YAML or JSON; - reads standard input.")
    var policy: String

    @Option(help: "The facts of the request, one JSON or YAML object; - reads standard input.")
    var facts: String

    @Flag(help: "Add what each criterion of each rule saw and wanted.")
    var explain = false

    func validate() throws {
        if policy == "-", facts == "-" { throw ValidationError("only one of --policy and --facts can be standard input") }
    }

    func run() throws {
        var report = DiagnosticReport()
        let now = PolicyMoment.now
        let policyText = Self.read(policy, &report)
        let factsText = Self.read(facts, &report)
        let compiled = policyText.flatMap {
            CompiledPolicy.compile($0, file: policy, catalog: .standard, report: &report)
        }
        let request = factsText.flatMap {
            RequestFactsDocument.parse(
                $0, file: facts, now: now,
                certificateReader: { pem, isValid in
                    CertificateIdentity(pem: pem).map { identity in
                        ClientCertificateFacts(
                            isValid: isValid, fingerprint: identity.fingerprint, spkiHash: identity.spkiHash, sanEmails: identity.emails,
                            sanDNSNames: identity.dnsNames, sanURIs: identity.uris)
                    }
                }, report: &report)
        }
        StandardStreams.error(report.rendered())
        guard let compiled, let request, !report.hasErrors else { throw ExitCode(1) }
        StandardStreams.out(try PolicyJSON.text(PolicyDecision([compiled], request, explains: explain)))
    }

    private static func read(_ path: String, _ report: inout DiagnosticReport) -> String? {
        do {
            return try ConfigLoader.readLocalFile(path == "-" ? "/dev/stdin" : path)
        } catch {
            report.error("unreadable-file", "cannot read \(path == "-" ? "standard input" : path): \(error)", at: nil)
            return nil
        }
    }
}
