public import Diagnostics
public import PolicyLanguage

/// The facts of a request as a document, for trying policies out: JSON or YAML with `session`, `user`, `groups`, `directory_email`, `request`,
/// `client_cert`, `client_authority`, `directory_records`, `devices`, `ssh`, `mcp` and `now`. Everything may be left out, and null is the same.
///
/// A field that is not known is a warning, because facts are often written by a tool that knows more. What a server would take for "nothing to
/// compare" (an address, key or certificate that cannot be read) is a warning too, and matches nothing.
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
        var reader = ObjectReader(value, subject: "facts", unknownFields: .warning)
        let moment = reader.filledString("now") == nil ? now : reader.converted("now", "an ISO 8601 date") { UnixTime(iso8601: $0) } ?? now
        let principal = principalPart(&reader)
        let request = reader.object("request") { RequestPart(&$0) } ?? RequestPart()
        let certificate = reader.object("client_cert") { CertificatePart(&$0, certificateReader) } ?? CertificatePart()
        let authority = reader.bool("client_authority") ?? certificate.hasAuthority
        let records = reader.objects("directory_records") { record(&$0) }
        let ssh = reader.object("ssh") { sshPart(&$0) }
        let mcp = reader.object("mcp") { part in
            RequestFacts.MCP(method: FactText(part.string("method") ?? ""), tool: part.string("tool").map { FactText($0) })
        }
        let problems = reader.finished()
        report.merge(problems)
        guard !problems.hasErrors else { return nil }
        return RequestFacts(
            principal: principal, method: FactText(request.method), path: request.path, host: FactText(request.host),
            query: FactText(request.query), headers: HeaderFacts(request.headers), clientAddress: request.address,
            clientCertificate: certificate.facts, hasClientAuthority: authority, now: moment, ssh: ssh, mcp: mcp,
            directoryRecords: DirectoryRecords(records))
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
            let end = part.filledString("expires_at") == nil ? nil : part.converted("expires_at", "an ISO 8601 date") { UnixTime(iso8601: $0) }
            return Principal(
                kind: part.converted("kind", "session or service_account") { Principal.Kind(rawValue: $0) } ?? .session,
                sessionID: part.string("id") ?? "", userID: part.string("user_id") ?? user?.id ?? "", email: user?.email ?? "",
                directoryEmail: directoryEmail, claims: claims(&part).merging(user?.claims ?? [:]) { _, user in user }, groups: groups,
                deviceCredentials: credentials.map { credential in
                    DeviceCredential(
                        typeID: credential.typeID, credentialID: credential.credentialID,
                        enrollment: devices.first { $0.credentialID == credential.credentialID }.flatMap(\.enrollment))
                },
                expiresAt: end)
        }
    }

    private static func device(_ reader: inout ObjectReader) -> (credentialID: String, enrollment: DeviceCredential.Enrollment?) {
        let id = reader.string("enrollment_id") ?? ""
        let approvedBy = reader.string("approved_by")
        _ = reader.string("type_id")
        let enrolled = reader.bool("enrolled") ?? !(id.isEmpty && (approvedBy ?? "").isEmpty)
        return (reader.string("credential_id") ?? "", enrolled ? .init(id: id, approvedBy: approvedBy) : nil)
    }

    private static func claims(_ reader: inout ObjectReader) -> [String: [ClaimValue]] {
        reader.value("claims").map { values(of: $0, &reader) } ?? [:]
    }

    /// The fields of an object; a scalar is a list of one, an object inside is flattened with dots as at sign-in.
    private static func values(of value: PositionedValue, _ reader: inout ObjectReader) -> [String: [ClaimValue]] {
        guard value.mapping != nil else {
            reader.problem("expected object, got: \(value.typeName)", at: value.position)
            return [:]
        }
        var fields: [String: [ClaimValue]] = [:]
        flatten(value, below: "", into: &fields, &reader)
        return fields
    }

    private static func flatten(
        _ value: PositionedValue, below path: String, into fields: inout [String: [ClaimValue]], _ reader: inout ObjectReader
    ) {
        for entry in value.mapping ?? [] {
            let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            guard entry.value.mapping == nil else {
                flatten(entry.value, below: key, into: &fields, &reader)
                continue
            }
            let elements = entry.value.sequence ?? [entry.value]
            let scalars = elements.compactMap { ClaimValue($0) }
            if scalars.count < elements.count {
                reader.problem("expected a scalar or a list of scalars for \(key)", at: entry.value.position)
            }
            fields[key] = scalars
        }
    }

    private static func record(_ reader: inout ObjectReader) -> DirectoryRecord {
        let fields = reader.value("data").map { values(of: $0, &reader) } ?? [:]
        let foreignKey = reader.converted("foreign_key", "the name of a foreign key") { DirectoryRecord.ForeignKey(rawValue: $0) } ?? .userID
        var id = reader.string("id") ?? ""
        // A record of a network may have an id of its own and name its block beside it.
        if foreignKey == .requestIP, case .string(let block)? = fields["$index.cidr"]?.first { id = block }
        return DirectoryRecord(type: reader.string("type") ?? "", id: id, foreignKey: foreignKey, fields: fields)
    }

    private static func sshPart(_ reader: inout ObjectReader) -> RequestFacts.SSH {
        let line = reader.filledString("publickey")
        let key = line.flatMap { SSHPublicKey(authorizedKeysLine: $0) }
        if line != nil, key == nil { reader.remark("ssh: no key found", at: reader.value("publickey")?.position) }
        return RequestFacts.SSH(username: FactText(reader.string("username") ?? ""), publicKey: key?.blob ?? [])
    }
}
