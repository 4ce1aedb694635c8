import Crypto

/// The certificate of a server that has none: nobody trusts it, but the server starts and answers.
public enum SelfSignedFallback {
    /// One year, in seconds.
    static let lifetime: Int64 = 365 * 86_400

    /// A new key and a certificate for `*` and these names, signed by itself. `now` is unix seconds.
    public static func make(names: [String] = [], now: Int64) throws -> KeyedCertificate {
        let subjects = [SubjectName.dns("*")] + Set(names.map(SubjectName.init).filter(\.isValid)).sorted()
        let key = P256.Signing.PrivateKey()
        let leaf = try CertificateTemplate.server(
            names: subjects, commonName: "Postern fallback", key: key, issuer: nil, now: now, end: now + lifetime)
        return try KeyedCertificate(leaf: leaf, keyDER: Array(key.derRepresentation))
    }
}
