/// The client's TLS certificate as policies see it; made once per connection.
public final class ClientCertificateFacts: Sendable {
    /// Whether the chain was checked against the route's authorities and found good. Without any authority every certificate counts as valid.
    public let isValid: Bool
    /// SHA-256 of the DER encoding, 32 bytes.
    public let fingerprint: [UInt8]
    /// SHA-256 of the SubjectPublicKeyInfo, 32 bytes.
    public let spkiHash: [UInt8]
    public let sanEmails: [FactText]
    public let sanDNSNames: [FactText]
    public let sanURIs: [FactText]

    public init(
        isValid: Bool, fingerprint: [UInt8], spkiHash: [UInt8], sanEmails: [String] = [], sanDNSNames: [String] = [], sanURIs: [String] = []
    ) {
        self.isValid = isValid
        self.fingerprint = fingerprint
        self.spkiHash = spkiHash
        self.sanEmails = sanEmails.map { FactText($0) }
        self.sanDNSNames = sanDNSNames.map { FactText($0) }
        self.sanURIs = sanURIs.map { FactText($0) }
    }
}
