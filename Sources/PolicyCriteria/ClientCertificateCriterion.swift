import Diagnostics
import PolicyLanguage

/// `client_certificate`: an object with `fingerprint`, `spki_hash`, `san_email`, `san_dns`, `san_uri`; all conditions must hold.
///
/// A certificate that its authority does not vouch for passes nothing. Where no authority is configured, only conditions that pin the key itself
/// (`fingerprint`, `spki_hash`) can hold, because anybody can write any name into a certificate of their own.
struct ClientCertificateCriterion: Criterion {
    static let name = "client_certificate"
    static let summary = "the client's TLS certificate"
    static let dependencies: PolicyDependencies = .clientCertificate

    private enum Condition: Sendable {
        case fingerprint(Set<CertificateHash>)
        case spkiHash(Set<CertificateHash>)
        case email(StringMatcher)
        case dnsName(StringMatcher)
        case uri(StringMatcher)
    }

    private static let fields = ["fingerprint", "spki_hash", "san_email", "san_dns", "san_uri"]

    private let conditions: [Condition]
    let wanted: String

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let entries = source.data.mapping else {
            report.error("invalid-value", "expected object for certificate matcher, got: \(source.data.parserTypeName)", at: source.data.position)
            return nil
        }
        if entries.isEmpty {
            report.error("empty-matcher", "a matcher needs a condition, {} would match every certificate", at: source.data.position)
        }
        let conditions = entries.compactMap { Self.condition($0, &report) }
        guard !entries.isEmpty, conditions.count == entries.count else { return nil }
        self.conditions = conditions
        self.wanted = "a valid certificate with " + entries.map(\.key).joined(separator: " and ")
    }

    func seen(_ facts: RequestFacts) -> String {
        guard let certificate = facts.clientCertificate else { return "no certificate" }
        let names = certificate.sanEmails + certificate.sanDNSNames + certificate.sanURIs
        return (facts.hasClientAuthority ? certificate.isValid ? "valid" : "invalid" : "unchecked") + " certificate for \(names)"
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        guard let certificate = facts.clientCertificate, certificate.isValid || !facts.hasClientAuthority else {
            return CriterionResult(.unfulfilled, .clientCertificateUnauthorized)
        }
        for condition in conditions where !Self.holds(condition, certificate, namesCount: facts.hasClientAuthority) {
            return CriterionResult(.unfulfilled, .clientCertificateUnauthorized)
        }
        return CriterionResult(.fulfilled, .clientCertificateOK)
    }

    private static func holds(_ condition: Condition, _ certificate: ClientCertificateFacts, namesCount: Bool) -> Bool {
        switch condition {
        case .fingerprint(let hashes): hashes.contains { $0.bytes == certificate.fingerprint }
        case .spkiHash(let hashes): hashes.contains { $0.bytes == certificate.spkiHash }
        case .email(let matcher): namesCount && matcher.matches(names: certificate.sanEmails)
        case .dnsName(let matcher): namesCount && matcher.matches(names: certificate.sanDNSNames)
        case .uri(let matcher): namesCount && matcher.matches(names: certificate.sanURIs)
        }
    }

    private static func condition(_ entry: PositionedValue.Entry, _ report: inout DiagnosticReport) -> Condition? {
        switch entry.key {
        case "fingerprint":
            return hashes(
                entry.value, "fingerprint", &report, problem: { "unsupported certificate fingerprint format (\($0))" },
                read: { CertificateHash(fingerprint: $0) }
            ).map { .fingerprint($0) }
        case "spki_hash":
            return hashes(
                entry.value, "SPKI hash", &report, problem: { "certificate SPKI hash must be a base64-encoded SHA-256 hash (was \($0))" },
                read: { CertificateHash(base64: $0) }
            ).map { .spkiHash($0) }
        case "san_email": return StringMatcher(entry.value, report: &report).map { .email($0) }
        case "san_dns": return StringMatcher(entry.value, report: &report).map { .dnsName($0) }
        case "san_uri": return StringMatcher(entry.value, report: &report).map { .uri($0) }
        default:
            report.error(
                "unknown-matcher", "unsupported certificate matcher condition: \(entry.key)", at: entry.keyPosition,
                help: Suggestion.nearest(to: entry.key, in: fields).map { "did you mean \($0)?" } ?? "known are " + fields.joined(separator: ", "))
            return nil
        }
    }

    private static func hashes(
        _ value: PositionedValue, _ what: String, _ report: inout DiagnosticReport, problem: (String) -> String, read: (String) -> CertificateHash?
    ) -> Set<CertificateHash>? {
        guard value.string != nil || value.sequence != nil else {
            report.error("invalid-value", "certificate \(what) condition expects a string or array of strings", at: value.position)
            return nil
        }
        let elements = value.sequence ?? [value]
        var hashes: Set<CertificateHash> = []
        var failed = false
        for element in elements {
            var message: String?
            if let string = element.string {
                if string.isEmpty {
                    message = "certificate \(what) must not be empty"
                } else if let hash = read(string) {
                    hashes.insert(hash)
                } else {
                    message = problem(string)
                }
            } else {
                message = "certificate \(what) must be a string (was \(element.text ?? element.typeName))"
            }
            if let message {
                report.error("invalid-value", message, at: element.position)
                failed = true
            }
        }
        return failed ? nil : hashes
    }
}
