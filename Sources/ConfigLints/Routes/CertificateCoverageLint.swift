import Diagnostics
import PolicyLanguage
import ProxyConfig
import Routing
import TLSCertificates

/// A host that none of the operator's certificates is for. Certificates that cannot be used are told as well, as the server would.
struct CertificateCoverageLint: ConfigLint {
    let rule = LintRule(
        code: "host-without-certificate", summary: "a host that no given certificate is for",
        text: """
            Where the configuration gives certificates, the server makes none by itself: for a name that none of them lists, visitors get the first \
            one and a warning in their browser, or with HSTS no way in at all. A `*` in a certificate stands for one label.
            """,
        bad: LintRule.certificate("wiki.example.org"), good: LintRule.certificate("wiki.example.com"))

    func check(_ subject: LintSubject, _ findings: inout LintFindings) {
        guard !subject.settings.insecureServer, !subject.settings.certificates.isEmpty else { return }
        let sources = subject.settings.certificates.map { configured in
            CertificateSource(
                certificate: PEMSource(.base64(configured.certificate.pem), setting: "certificate", at: configured.certificate.position),
                key: PEMSource(.base64(configured.key.pem), setting: "certificate_key", at: configured.key.position))
        }
        let (certificates, report) = CertificateStore.load(sources, now: subject.now.seconds)
        findings.merge(report)
        // With one that cannot be read nobody knows what it would have covered.
        guard !report.hasErrors, let first = certificates.first else { return }
        let store = CertificateStore(certificates, fallback: first)
        var told: Set<String> = []
        if let entry = subject.entries["authenticate_service_url"] {
            look(subject.authenticateURL.host, at: entry.value.position, store, &told, &findings)
        }
        for route in subject.routes where route.from.scheme != .http {
            look(route.from.host.text, at: route.valuePosition(of: "from"), store, &told, &findings)
        }
    }

    private func look(
        _ host: String, at position: SourcePosition?, _ store: CertificateStore, _ told: inout Set<String>, _ findings: inout LintFindings
    ) {
        guard !store.covers(host), told.insert(host).inserted else { return }
        let names = store.certificates.flatMap(\.hostNames)
        let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
        findings.add(
            "no certificate is for \(host)\(names.isEmpty ? "" : ", they are for \(shown)")", at: position,
            help: "add a certificate for it under certificates")
    }
}

extension LintRule {
    fileprivate static func certificate(_ host: String) -> String {
        """
        certificate_file: example.com.pem
        certificate_key_file: example.com.key
        authenticate_service_url: https://authenticate.example.com
        routes:
          - from: https://\(host)
            to: http://127.0.0.1:3000
            allow_any_authenticated_user: true
        """
    }
}
