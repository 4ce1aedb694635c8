import Diagnostics
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration sections 2.3, 2.4 and 2.7.
    static let certificates = SettingGroup(
        title: "Certificates",
        settings: [
            .custom(
                "certificate", type: "base64 of PEM", default: "self-signed",
                "Server certificate with its chain, and `certificate_key`. All ways to give certificates add up; the name that the client asks for chooses."
            ) { entry, context in context.certificatePair(entry, key: "certificate_key", fromFile: false) },
            .partner("certificate_key", type: "base64 of PEM", "Key of `certificate`.", of: "certificate"),
            .custom("certificate_file", type: "path", default: "–", "As `certificate`, from a PEM file. Read again when it changes.") {
                entry, context in
                context.certificatePair(entry, key: "certificate_key_file", fromFile: true)
            },
            .partner("certificate_key_file", type: "path", "Key of `certificate_file`.", of: "certificate_file"),
            .custom(
                "certificates", type: "list of {cert, key}", default: "–", "Further pairs of PEM files.", form: .none
            ) { entry, context in context.certificateList(entry) },
            .custom(
                "certificate_authority", type: "base64 of PEM", default: "–",
                "Authorities that are trusted besides the system's, towards applications and the identity provider."
            ) { entry, context in
                let prefix = "config: bad certificate authority "
                guard let pem = entry.base64Text(&context.report, or: { prefix + $0 }) else { return }
                context.addAuthority(pem, entry, prefix)
            },
            .custom(
                "certificate_authority_file", type: "path", default: "–", "As `certificate_authority`, from a PEM file; both count."
            ) { entry, context in
                let prefix = "config: bad certificate authority file "
                guard let pem = context.file(named: entry, or: { prefix + $0 }) else { return }
                context.addAuthority(pem, entry, prefix)
            },
            .notYet(
                "downstream_mtls", refused: true,
                environment: ["CA", "CA_FILE", "CRL", "CRL_FILE", "ENFORCEMENT", "MAX_VERIFY_DEPTH"].map { "DOWNSTREAM_MTLS_" + $0 },
                "client certificates are not asked for"),
            .notYet("autocert", "no certificates are fetched, visitors get the configured or the self-signed one"),
            .notYet("autocert_ca", "no certificates are fetched"),
            .notYet("autocert_email", "no certificates are fetched"),
            .notYet("autocert_use_staging", "no certificates are fetched"),
            .notYet("autocert_eab_key_id", "no certificates are fetched"),
            .notYet("autocert_eab_mac_key", "no certificates are fetched"),
            .notYet("autocert_must_staple", "no certificates are fetched"),
            .notYet("autocert_dir", "no certificates are fetched"),
            .notYet("autocert_trusted_ca", "no certificates are fetched"),
            .notYet("autocert_trusted_ca_file", "no certificates are fetched"),
            .ignored("override_certificate_name", "the services are one process"),
            .ignored("tls_derive", "the services are one process"),
        ])
}

extension SettingsDecodingContext {
    mutating func certificatePair(_ entry: ConfigEntry, key other: String, fromFile: Bool) {
        let prefix = fromFile ? "config: bad cert file " : "config: bad cert base64 "
        guard let keyEntry = entries[other] else {
            report.error("incomplete-certificate", prefix + "\(entry.key) needs \(other)", at: entry.keyPosition)
            return
        }
        let certificate = fromFile ? file(named: entry, or: { prefix + $0 }) : entry.base64Text(&report, or: { prefix + $0 })
        let key = fromFile ? file(named: keyEntry, or: { prefix + $0 }) : keyEntry.base64Text(&report, or: { prefix + $0 })
        addCertificate(certificate, entry.position, key, keyEntry.position, prefix)
    }

    mutating func certificateList(_ entry: ConfigEntry) {
        let prefix = "config: bad cert entry, file reference invalid. "
        guard let elements = entry.value.sequence else { return entry.mismatch("a list", &report) }
        for element in elements {
            for part in element.mapping ?? [] where part.key != "cert" && part.key != "key" {
                report.error("unknown-key", "unknown key \(part.key) in certificates", at: part.keyPosition, help: "the keys are cert and key")
            }
            guard let cert = element["cert"].map(entry.part), let key = element["key"].map(entry.part) else {
                report.error("incomplete-certificate", prefix + "an entry needs cert and key", at: element.position)
                continue
            }
            let certificate = file(named: cert, or: { prefix + $0 })
            let keyText = file(named: key, or: { prefix + $0 })
            addCertificate(certificate, cert.position, keyText, key.position, prefix)
        }
    }

    private mutating func addCertificate(
        _ certificate: String?, _ position: SourcePosition, _ key: String?, _ keyPosition: SourcePosition, _ prefix: String
    ) {
        guard let certificate, let key else { return }
        guard certificate.contains("-----BEGIN CERTIFICATE") else {
            report.error("invalid-pem", prefix + "no certificate in PEM form", at: position)
            return
        }
        guard key.contains("PRIVATE KEY-----") else {
            report.error("invalid-pem", prefix + "no private key in PEM form", at: keyPosition)
            return
        }
        settings.certificates.append(
            ConfiguredCertificate(certificate: PEMText(pem: certificate, position: position), key: PEMText(pem: key, position: keyPosition)))
    }

    mutating func addAuthority(_ pem: String, _ entry: ConfigEntry, _ prefix: String) {
        guard pem.utf8.count <= 5 << 20, pem.contains("-----BEGIN CERTIFICATE") else {
            report.error("invalid-pem", prefix + "no certificates in PEM form of at most 5 MiB", at: entry.position)
            return
        }
        settings.certificateAuthority.append(PEMText(pem: pem, position: entry.position))
    }
}
