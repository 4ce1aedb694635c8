import Diagnostics
import PolicyLanguage

/// `ssh_publickey`: the client's key is one of these authorized_keys lines; options and comments of a line do not count.
struct SSHPublicKeyCriterion: Criterion {
    static let name = "ssh_publickey"
    static let summary = "the SSH client's public key"
    static let dependencies: PolicyDependencies = .ssh

    private let keys: Set<[UInt8]>

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let keys = SSHPublicKey.keys(in: source.data, report: &report) else { return nil }
        self.keys = Set(keys.map(\.blob))
    }

    var wanted: String { keys.count == 1 ? "the key" : "one of \(keys.count) keys" }

    func seen(_ facts: RequestFacts) -> String {
        facts.ssh.flatMap { SSHPublicKey(blob: $0.publicKey) }.map { "a key of \($0.algorithm)" } ?? "no key"
    }

    func evaluate(_ facts: RequestFacts) -> CriterionResult {
        .choose(facts.ssh.map { keys.contains($0.publicKey) } ?? false, .sshPublicKeyOK, .sshPublicKeyUnauthorized)
    }
}

extension SSHPublicKey {
    /// The keys of authorized_keys lines; nil, and an error in `report` for each line without a key, if there is one.
    static func keys(in value: PositionedValue, report: inout DiagnosticReport) -> [SSHPublicKey]? {
        guard let lines = StringsReader.strings(in: value, report: &report) else { return nil }
        var keys: [SSHPublicKey] = []
        for (line, position) in lines {
            if let key = SSHPublicKey(authorizedKeysLine: line) {
                keys.append(key)
            } else {
                report.error("invalid-key", "ssh: no key found", at: position, help: "write a line as in authorized_keys: ssh-ed25519 AAAA…")
            }
        }
        return keys.count == lines.count ? keys : nil
    }
}
