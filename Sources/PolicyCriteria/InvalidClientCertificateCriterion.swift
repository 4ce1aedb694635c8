import Diagnostics
import PolicyLanguage

/// `invalid_client_certificate: true`: the client presented no certificate, or one that is not valid. Where no authority is configured,
/// nothing is invalid. The data is ignored. Meant for deny rules.
struct InvalidClientCertificateCriterion: Criterion {
    static let name = "invalid_client_certificate"
    static let summary = "a client certificate that is missing or not valid"
    static let dependencies: PolicyDependencies = .clientCertificate

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {}

    var wanted: String { "no valid client certificate" }

    func seen(_ facts: RequestFacts) -> String {
        guard facts.hasClientAuthority else { return "no authority to check against" }
        return facts.clientCertificate.map { $0.isValid ? "a valid certificate" : "an invalid certificate" } ?? "no certificate"
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        guard facts.hasClientAuthority else { return CriterionResult(.unfulfilled, .validClientCertificate) }
        guard let certificate = facts.clientCertificate else { return CriterionResult(.fulfilled, .clientCertificateRequired) }
        return .choose(!certificate.isValid, .invalidClientCertificate, .validClientCertificate)
    }
}
