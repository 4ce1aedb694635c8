public import PolicyLanguage

extension RequestFactsDocument {
    /// The header fields that a document keeps: those that a criterion reads, and those that say what kind of client asked. None of them holds a secret.
    public static let keptHeaders = [
        "accept", "access-control-request-headers", "access-control-request-method", "content-type", "origin", "sec-fetch-dest", "sec-fetch-mode",
        "sec-fetch-site", "upgrade", "user-agent", "x-requested-with",
    ]

    /// Bytes kept of one header field; no criterion reads more than that there is one.
    static let maximumHeaderLength = 1024

    /// The facts as a document in JSON that ``parse(_:file:now:certificateReader:report:)`` reads back, so that the same policy comes to the same verdict.
    ///
    /// Cookies, tokens and all other headers but ``keptHeaders`` are left out, and so is the query. Of the external data there are the records that a
    /// policy could see. Bytes that are not UTF-8 become U+FFFD.
    public static func text(of facts: RequestFacts) -> String {
        var writer = DocumentWriter()
        writer.beginObject()
        writer.member("now", facts.now.description)
        if let principal = facts.principal { write(principal, to: &writer) }
        request(facts, to: &writer)
        writer.member("client_authority", facts.hasClientAuthority)
        if let certificate = facts.clientCertificate { write(certificate, to: &writer) }
        records(facts, to: &writer)
        if let ssh = facts.ssh {
            writer.key("ssh")
            writer.beginObject()
            writer.member("username", ssh.username.description)
            if let key = SSHPublicKey(blob: ssh.publicKey) { writer.member("publickey", "\(key.algorithm) \(Base64.encode(key.blob))") }
            writer.endObject()
        }
        if let mcp = facts.mcp {
            writer.key("mcp")
            writer.beginObject()
            writer.member("method", mcp.method.description)
            if let tool = mcp.tool { writer.member("tool", tool.description) }
            writer.endObject()
        }
        writer.endObject()
        return writer.text
    }

    private static func write(_ principal: Principal, to writer: inout DocumentWriter) {
        writer.key("session")
        writer.beginObject()
        writer.member("kind", principal.kind.rawValue)
        writer.member("id", principal.sessionID)
        writer.member("user_id", principal.userID)
        if let end = principal.expiresAt { writer.member("expires_at", end.description) }
        writer.key("claims")
        writer.fields(principal.claims)
        writer.key("device_credentials")
        writer.beginArray()
        for credential in principal.deviceCredentials {
            writer.beginObject()
            writer.member("type_id", credential.typeID)
            writer.member("credential_id", credential.credentialID)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.key("user")
        writer.beginObject()
        writer.member("id", principal.userID)
        writer.member("email", principal.email)
        writer.endObject()
        if let groups = principal.groups { writer.member("groups", groups) }
        if let email = principal.directoryEmail { writer.member("directory_email", email) }
        let enrolled = principal.deviceCredentials.compactMap { credential in credential.enrollment.map { (credential, $0) } }
        guard !enrolled.isEmpty else { return }
        writer.key("devices")
        writer.beginArray()
        for (credential, enrollment) in enrolled {
            writer.beginObject()
            writer.member("credential_id", credential.credentialID)
            writer.member("type_id", credential.typeID)
            writer.member("enrolled", true)
            writer.member("enrollment_id", enrollment.id)
            if let approver = enrollment.approvedBy { writer.member("approved_by", approver) }
            writer.endObject()
        }
        writer.endArray()
    }

    private static func request(_ facts: RequestFacts, to writer: inout DocumentWriter) {
        writer.key("request")
        writer.beginObject()
        if !facts.method.isEmpty { writer.member("method", facts.method.description) }
        if !facts.path.isEmpty { writer.member("path", escaped(facts.path)) }
        if !facts.host.isEmpty { writer.member("host", facts.host.description) }
        if let address = facts.clientAddress { writer.member("ip", address.description) }
        let headers = keptHeaders.compactMap { name in facts.headers.value(FactText(name)).map { (name, $0) } }
        if !headers.isEmpty {
            writer.key("headers")
            writer.beginObject()
            for (name, value) in headers { writer.member(name, value.slice(0..<maximumHeaderLength).description) }
            writer.endObject()
        }
        writer.endObject()
    }

    /// The path as a request would carry it: reading decodes it once, and takes what follows `?` for the query.
    private static func escaped(_ path: FactText) -> String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for offset in 0..<path.count {
            let byte = path[offset]
            if byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "?") {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ certificate: ClientCertificateFacts, to writer: inout DocumentWriter) {
        writer.key("client_cert")
        writer.beginObject()
        writer.member("presented", true)
        writer.member("valid", certificate.isValid)
        if certificate.fingerprint.count == 32 {
            writer.member("fingerprint", certificate.fingerprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
        if certificate.spkiHash.count == 32 { writer.member("spki_hash", Base64.encode(certificate.spkiHash)) }
        for (name, values) in [("san_email", certificate.sanEmails), ("san_dns", certificate.sanDNSNames), ("san_uri", certificate.sanURIs)]
        where !values.isEmpty {
            writer.member(name, values.map(\.description))
        }
        writer.endObject()
    }

    private static func records(_ facts: RequestFacts, to writer: inout DocumentWriter) {
        let records = facts.directoryRecords?.seen(by: facts) ?? []
        guard !records.isEmpty else { return }
        writer.key("directory_records")
        writer.beginArray()
        for record in records {
            writer.beginObject()
            writer.member("type", record.type)
            writer.member("id", record.id)
            writer.member("foreign_key", record.foreignKey.rawValue)
            writer.key("data")
            writer.fields(record.fields)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension DocumentWriter {
    fileprivate mutating func fields(_ fields: [String: [ClaimValue]]) {
        beginObject()
        for (name, values) in fields.sorted(by: { $0.key < $1.key }) {
            key(name)
            beginArray()
            for value in values {
                switch value {
                case .null: raw("null")
                case .bool(let bool): self.bool(bool)
                case .int(let int): raw("\(int)")
                case .double(let double): raw(double.isFinite ? "\(double)" : "null")
                case .string(let string): self.string(string)
                }
            }
            endArray()
        }
        endObject()
    }
}
