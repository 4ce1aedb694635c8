public import Diagnostics

/// One configured certificate with its key.
public struct CertificateSource: Sendable, Hashable {
    public var certificate: PEMSource
    public var key: PEMSource

    public init(certificate: PEMSource, key: PEMSource) {
        self.certificate = certificate
        self.key = key
    }
}

/// The certificates of a listener: an immutable snapshot that is replaced as a whole.
public struct CertificateStore: Sendable {
    /// In the order in which they were given; never empty.
    public let certificates: [KeyedCertificate]
    /// True when no certificate was configured, and the one served is trusted by nobody.
    public let servesFallback: Bool
    private let exact: [SubjectName: Int]
    /// By what follows `*.`.
    private let wildcards: [String: Int]

    /// `fallback` is served where `certificates` is empty.
    public init(_ certificates: [KeyedCertificate], fallback: @autoclosure () throws -> KeyedCertificate) rethrows {
        servesFallback = certificates.isEmpty
        let all = certificates.isEmpty ? [try fallback()] : certificates
        var exact: [SubjectName: Int] = [:]
        var wildcards: [String: Int] = [:]
        for (index, certificate) in all.enumerated() {
            for name in certificate.names {
                if case .dns(let text) = name, text.hasPrefix("*.") {
                    let parent = String(text.dropFirst(2))
                    wildcards[parent] = wildcards[parent] ?? index
                } else {
                    exact[name] = exact[name] ?? index
                }
            }
        }
        self.certificates = all
        self.exact = exact
        self.wildcards = wildcards
    }

    /// Reads every source; the unusable ones are left out and told in the report, the others serve. `now` is unix seconds.
    public static func load(
        _ sources: [CertificateSource], files: FileReader = .disk, now: Int64
    ) -> (certificates: [KeyedCertificate], report: DiagnosticReport) {
        var report = DiagnosticReport()
        var certificates: [KeyedCertificate] = []
        for source in sources {
            do {
                certificates.append(
                    try KeyedCertificate(certificate: source.certificate, key: source.key, files: files, now: now, report: &report))
            } catch let error as DiagnosticError {
                report.merge(error.report)
            } catch {
                report.add(source.certificate.diagnostic(.error, "certificate-invalid", "cannot be used"))
            }
        }
        return (certificates, report)
    }

    /// The certificate for a server name: one that lists it, else one with a wildcard for its first label, else the first of all.
    ///
    /// Case and a final dot do not matter; nil stands for a client that named no server.
    public func certificate(forServerName name: String?) -> KeyedCertificate {
        certificates[index(forServerName: name) ?? 0]
    }

    /// Whether a certificate is for that name, so that the first one need not stand in.
    public func covers(_ name: String) -> Bool { index(forServerName: name) != nil }

    func index(forServerName name: String?) -> Int? {
        guard let name else { return nil }
        let subject = SubjectName(name)
        if let index = exact[subject] { return index }
        guard case .dns(let text) = subject, let dot = text.firstIndex(of: "."), dot != text.startIndex else { return nil }
        return wildcards[String(text[text.index(after: dot)...])]
    }
}
