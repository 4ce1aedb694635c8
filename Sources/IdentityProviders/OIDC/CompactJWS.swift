import KeyMaterial

/// A JSON Web Signature in compact form (RFC 7515 section 7.1), taken apart but not verified.
struct CompactJWS: Sendable {
    /// Longer tokens are refused unread.
    static let maximumLength = 128 * 1024

    /// Always one of ``VerificationKey/algorithms``.
    let algorithm: String
    let keyID: String?
    let payload: [UInt8]
    private let signedBytes: [UInt8]
    private let signature: [UInt8]

    init(_ token: String) throws {
        let pieces = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard token.utf8.count <= Self.maximumLength, pieces.count == 3,
            let header = Base64URL.decode(Array(pieces[0])).flatMap({ JSONValue.object(from: $0) }),
            let payload = Base64URL.decode(Array(pieces[1])), let signature = Base64URL.decode(Array(pieces[2]))
        else { throw IdentityProviderError.untrustworthyToken("it is not a compact JWS") }
        guard let algorithm = header["alg"]?.text, VerificationKey.algorithms.contains(algorithm) else {
            throw IdentityProviderError.untrustworthyToken("its algorithm \(header["alg"]?.text?.prefix(40) ?? "(missing)") is not accepted")
        }
        guard header["crit"] == nil else { throw IdentityProviderError.untrustworthyToken("it demands extensions that are not known here") }
        self.algorithm = algorithm
        keyID = header["kid"]?.text
        self.payload = payload
        signedBytes = Array(pieces[0]) + [UInt8(ascii: ".")] + Array(pieces[1])
        self.signature = signature
    }

    /// Whether one of the keys made the signature. A key id in the token limits the keys that are tried.
    func isSigned(byOneOf keys: [VerificationKey]) -> Bool {
        keys.contains { key in
            (keyID == nil || key.keyID == nil || key.keyID == keyID) && key.verifies(signature, of: signedBytes, algorithm: algorithm)
        }
    }
}
