import Diagnostics
import PolicyLanguage

/// `ssh_ca`: the client's key is a user certificate that one of these authorities (authorized_keys lines) has signed.
///
/// It must be in its validity and be for the requested user, or for nobody in particular. A critical option other than `source-address` is refused, and
/// the client's address must be in that one's list.
struct SSHCACriterion: Criterion {
    static let name = "ssh_ca"
    static let summary = "the authority that signed the SSH client's certificate"
    static let dependencies: PolicyDependencies = [.ssh, .time, .clientAddress]

    private let authorities: [SSHAuthority]

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let keys = SSHPublicKey.keys(in: source.data, report: &report) else { return nil }
        var authorities: [SSHAuthority] = []
        for key in keys {
            guard let authority = SSHAuthority(key) else {
                report.error(
                    "invalid-key", "a key of \(key.algorithm) cannot be an SSH authority", at: source.data.position,
                    help: "use Ed25519, ECDSA over a NIST curve, or RSA of at least 2048 bits")
                continue
            }
            authorities.append(authority)
        }
        guard authorities.count == keys.count else { return nil }
        self.authorities = authorities
    }

    var wanted: String { "a certificate of " + (authorities.count == 1 ? "the authority" : "one of \(authorities.count) authorities") }

    func seen(_ facts: RequestFacts) -> String {
        guard let ssh = facts.ssh, let key = SSHPublicKey(blob: ssh.publicKey) else { return "no key" }
        guard let certificate = SSHCertificate(blob: ssh.publicKey) else { return "a key of \(key.algorithm)" }
        return "a \(certificate.isValid(at: facts.now) ? "current" : "expired or future") certificate for "
            + (certificate.principals.isEmpty
                ? "everybody" : certificate.principals.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", "))
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        .choose(isCertified(facts), .sshPublicKeyOK, .sshPublicKeyUnauthorized)
    }

    private func isCertified(_ facts: RequestFacts) -> Bool {
        guard let ssh = facts.ssh, let certificate = SSHCertificate(blob: ssh.publicKey) else { return false }
        guard let authority = authorities.first(where: { $0.blob == certificate.authority }) else { return false }
        return certificate.isValid(at: facts.now) && certificate.isFor(ssh.username) && certificate.meetsOptions(from: facts.clientAddress)
            && authority.isValid(signature: certificate.signature, over: certificate.signedBytes)
    }
}
