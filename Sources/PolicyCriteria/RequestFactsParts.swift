import Diagnostics
import PolicyLanguage

/// The part `request` of a facts document.
struct RequestPart {
    var method = ""
    var path: FactText = .empty
    var host = ""
    var query = ""
    var headers: [(name: String, value: String)] = []
    var address: IPAddress?

    init() {}

    init(_ reader: inout ObjectReader) {
        method = reader.string("method") ?? ""
        readPath(&reader)
        host = reader.string("host") ?? ""
        if let value = reader.value("query") {
            // Policies do not look at it; tools write it as text or as an object.
            query = value.string ?? (value.mapping ?? []).map { "\($0.key)=\($0.value.text ?? "")" }.joined(separator: "&")
        }
        if let text = reader.filledString("ip") {
            address = IPAddress(text)
            if address == nil { reader.remark("not an IP address, matches nothing: \(text)", at: reader.value("ip")?.position) }
        }
        guard let value = reader.value("headers") else { return }
        guard let entries = value.mapping else {
            reader.problem("expected object for facts.request.headers, got: \(value.typeName)", at: value.position)
            return
        }
        for entry in entries {
            for element in entry.value.sequence ?? [entry.value] {
                headers.append((entry.key, element.text ?? ""))
            }
        }
    }

    /// The path as it stands in the request: what follows `?` is the query, escapes are decoded once.
    private mutating func readPath(_ reader: inout ObjectReader) {
        let text = reader.string("path") ?? ""
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let raw = FactText(parts.first.map(String.init) ?? "")
        if let decoded = raw.percentDecoded {
            path = decoded
        } else {
            reader.problem("malformed percent escape in the path, which is answered with 400 before any policy", at: reader.value("path")?.position)
        }
    }
}

/// The part `client_cert` of a facts document.
struct CertificatePart {
    /// Nil if none was presented.
    var facts: ClientCertificateFacts?
    /// Whether certificates are checked at all: a missing one that counts as valid can only mean that they are not.
    var hasAuthority = true

    init() {}

    init(_ reader: inout ObjectReader, _ certificateReader: RequestFactsDocument.CertificateReader?) {
        let presented = reader.bool("presented") ?? true
        let valid = reader.bool("valid")
        let fingerprint = reader.converted("fingerprint", "64 hexadecimal digits") { CertificateHash(fingerprint: $0) }
        let spki = reader.converted("spki_hash", "a base64-encoded SHA-256 hash") { CertificateHash(base64: $0) }
        let emails = reader.strings("san_email") ?? []
        let names = reader.strings("san_dns") ?? []
        let uris = reader.strings("san_uri") ?? []
        let pem = reader.filledString("pem")
        guard presented else {
            hasAuthority = valid != true
            return
        }
        if let pem {
            facts = certificateReader?(pem, valid ?? true)
            if facts == nil {
                reader.remark("the certificate could not be read, it counts as invalid", at: reader.value("pem")?.position)
                facts = ClientCertificateFacts(isValid: false, fingerprint: [], spkiHash: [])
            }
        } else {
            facts = ClientCertificateFacts(
                isValid: valid ?? true, fingerprint: fingerprint?.bytes ?? [], spkiHash: spki?.bytes ?? [], sanEmails: emails,
                sanDNSNames: names, sanURIs: uris)
        }
    }
}
