public import Diagnostics
public import PolicyLanguage

/// The facts of a request as a document, for trying policies out: JSON or YAML with `session`, `user`, `groups`, `directory_email`, `request`,
/// `client_cert`, `client_authority`, `directory_records`, `devices`, `ssh`, `mcp` and `now`. Everything may be left out.
public enum RequestFactsDocument {
    /// Turns a PEM certificate into facts; the answer is nil if it cannot be read.
    public typealias CertificateReader = (_ pem: String, _ isValid: Bool) -> ClientCertificateFacts?

    /// Reads a document. `now` is used where it names no time. Nil if something could not be understood; every such place is in `report`.
    public static func parse(
        _ text: String, file: String, now: UnixTime, certificateReader: CertificateReader? = nil, report: inout DiagnosticReport
    ) -> RequestFacts? {
        guard let value = PositionedValue.parse(yaml: text, file: file, limits: PolicyDocument.limits, report: &report) else { return nil }
        return facts(of: value, now: now, certificateReader: certificateReader, report: &report)
    }

    /// As ``parse(_:file:now:certificateReader:report:)`` for a document that was read already. Null is a request without any facts.
    public static func facts(
        of value: PositionedValue, now: UnixTime, certificateReader: CertificateReader? = nil, report: inout DiagnosticReport
    ) -> RequestFacts? {
        guard !value.isNull else { return RequestFacts(now: now) }
        var reader = ObjectReader(value, subject: "facts")
        let moment = reader.converted("now", "an ISO 8601 date") { UnixTime(iso8601: $0) } ?? now
        let principal = principalPart(&reader)
        let request = reader.object("request") { RequestPart(&$0) } ?? RequestPart()
        let authority = reader.bool("client_authority") ?? true
        let certificate = reader.object("client_cert") { certificatePart(&$0, certificateReader) } ?? nil
        let records = reader.objects("directory_records") { record(&$0) }
        let ssh = reader.object("ssh") { sshPart(&$0) }
        let mcp = reader.object("mcp") { part in
            RequestFacts.MCP(method: FactText(part.string("method") ?? ""), tool: part.string("tool").map { FactText($0) })
        }
        let problems = reader.finished()
        report.merge(problems)
        guard !problems.hasErrors else { return nil }
        return RequestFacts(
            principal: principal, method: FactText(request.method), path: FactText(request.path), host: FactText(request.host),
            query: FactText(request.query), headers: HeaderFacts(request.headers), clientAddress: request.address, clientCertificate: certificate,
            hasClientAuthority: authority,
            now: moment, ssh: ssh, mcp: mcp, directoryRecords: DirectoryRecords(records))
    }

    /// The session with what is known about its user; nil without a session.
    private static func principalPart(_ reader: inout ObjectReader) -> Principal? {
        let devices = reader.objects("devices") { device(&$0) }
        let user = reader.object("user") { part in
            (id: part.string("id") ?? "", email: part.string("email") ?? "", claims: claims(&part))
        }
        let groups = reader.strings("groups")
        let directoryEmail = reader.string("directory_email")
        return reader.object("session") { part in
            let credentials = part.objects("device_credentials") { entry in
                (typeID: entry.string("type_id") ?? "", credentialID: entry.string("credential_id") ?? "")
            }
            return Principal(
                kind: part.converted("kind", "session or service_account") { Principal.Kind(rawValue: $0) } ?? .session,
                sessionID: part.string("id") ?? "", userID: part.string("user_id") ?? user?.id ?? "", email: user?.email ?? "",
                directoryEmail: directoryEmail, claims: claims(&part).merging(user?.claims ?? [:]) { _, user in user }, groups: groups,
                deviceCredentials: credentials.map { credential in
                    DeviceCredential(
                        typeID: credential.typeID, credentialID: credential.credentialID,
                        enrollment: devices.first { $0.credentialID == credential.credentialID }.flatMap(\.enrollment))
                },
                expiresAt: part.converted("expires_at", "an ISO 8601 date") { UnixTime(iso8601: $0) })
        }
    }

    private static func device(_ reader: inout ObjectReader) -> (credentialID: String, enrollment: DeviceCredential.Enrollment?) {
        let id = reader.string("enrollment_id") ?? ""
        let approvedBy = reader.string("approved_by")
        _ = reader.string("type_id")
        let enrolled = reader.bool("enrolled") ?? !id.isEmpty
        return (reader.string("credential_id") ?? "", enrolled ? .init(id: id, approvedBy: approvedBy) : nil)
    }

    private static func claims(_ reader: inout ObjectReader) -> [String: [ClaimValue]] {
        reader.value("claims").map { values(of: $0, &reader) } ?? [:]
    }

    /// The fields of an object; a scalar is a list of one.
    private static func values(of value: PositionedValue, _ reader: inout ObjectReader) -> [String: [ClaimValue]] {
        guard let entries = value.mapping else {
            reader.problem("expected object, got: \(value.typeName)", at: value.position)
            return [:]
        }
        var fields: [String: [ClaimValue]] = [:]
        for entry in entries {
            let elements = entry.value.sequence ?? [entry.value]
            let scalars = elements.compactMap { ClaimValue($0) }
            if scalars.count < elements.count {
                reader.problem("expected a scalar or a list of scalars for \(entry.key)", at: entry.value.position)
            }
            fields[entry.key] = scalars
        }
        return fields
    }

    private static func record(_ reader: inout ObjectReader) -> DirectoryRecord {
        DirectoryRecord(
            type: reader.string("type") ?? "", id: reader.string("id") ?? "",
            foreignKey: reader.converted("foreign_key", "the name of a foreign key") { .init(rawValue: $0) } ?? .userID,
            fields: reader.value("data").map { values(of: $0, &reader) } ?? [:])
    }

    private static func sshPart(_ reader: inout ObjectReader) -> RequestFacts.SSH {
        let key = reader.converted("publickey", "an authorized_keys line") { SSHPublicKey(authorizedKeysLine: $0) }
        return RequestFacts.SSH(username: FactText(reader.string("username") ?? ""), publicKey: key?.blob ?? [])
    }

    private static func certificatePart(_ reader: inout ObjectReader, _ certificateReader: CertificateReader?) -> ClientCertificateFacts? {
        let presented = reader.bool("presented") ?? true
        let valid = reader.bool("valid") ?? true
        let fingerprint = reader.converted("fingerprint", "64 hexadecimal digits") { CertificateHash(fingerprint: $0) }
        let spki = reader.converted("spki_hash", "a base64-encoded SHA-256 hash") { CertificateHash(base64: $0) }
        let emails = reader.strings("san_email") ?? []
        let names = reader.strings("san_dns") ?? []
        let uris = reader.strings("san_uri") ?? []
        if let pem = reader.value("pem"), let text = pem.string, !text.isEmpty {
            guard let facts = certificateReader?(text, valid) else {
                reader.problem("the certificate could not be read", at: pem.position)
                return nil
            }
            return presented ? facts : nil
        }
        guard presented else { return nil }
        return ClientCertificateFacts(
            isValid: valid, fingerprint: fingerprint?.bytes ?? [], spkiHash: spki?.bytes ?? [], sanEmails: emails, sanDNSNames: names, sanURIs: uris)
    }

    private struct RequestPart {
        var method = ""
        var path = ""
        var host = ""
        var query = ""
        var headers: [(name: String, value: String)] = []
        var address: IPAddress?

        init() {}

        init(_ reader: inout ObjectReader) {
            method = reader.string("method") ?? ""
            path = reader.string("path") ?? ""
            host = reader.string("host") ?? ""
            query = reader.string("query") ?? ""
            address = reader.converted("ip", "an IP address") { IPAddress($0) }
            guard let value = reader.value("headers") else { return }
            for entry in value.mapping ?? [] {
                for element in entry.value.sequence ?? [entry.value] {
                    headers.append((entry.key, element.text ?? ""))
                }
            }
        }
    }
}
