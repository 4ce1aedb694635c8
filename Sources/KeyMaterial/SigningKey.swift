import Crypto
import CryptoExtras
import Foundation

/// A private key that signs compact JWTs (RFC 7515), with the public half as a JWK (RFC 7517).
///
/// P-256 signs ES256, P-384 ES384, RSA (at least 2048 bits) RS256. The key id is the lower-case hex of the RFC 7638 SHA-256 thumbprint.
public struct SigningKey: Sendable {
    private enum Secret: Sendable {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let secret: Secret
    /// Public half, as published.
    public let jwk: JSONWebKey
    /// base64url of the JOSE header, made once.
    private let encodedHeader: [UInt8]

    public var keyID: String { jwk.kid }
    public var algorithm: String { jwk.alg }

    private init(_ secret: Secret) throws {
        self.secret = secret
        jwk =
            switch secret {
            case .p256(let key): JSONWebKey(ellipticCurve: "P-256", algorithm: "ES256", rawPoint: Array(key.publicKey.rawRepresentation))
            case .p384(let key): JSONWebKey(ellipticCurve: "P-384", algorithm: "ES384", rawPoint: Array(key.publicKey.rawRepresentation))
            case .rsa(let key):
                try { () -> JSONWebKey in
                    let parts = try key.publicKey.getKeyPrimitives()
                    return JSONWebKey(rsaModulus: Array(parts.modulus), exponent: Array(parts.publicExponent))
                }()
            }
        let header = "{\"alg\":\"\(jwk.alg)\",\"kid\":\"\(jwk.kid)\",\"typ\":\"JWT\"}"
        encodedHeader = Base64URL.encodeBytes(Array(header.utf8))
    }

    /// A new random P-256 key.
    public static func randomP256() throws -> SigningKey {
        try SigningKey(.p256(P256.Signing.PrivateKey()))
    }

    /// A P-256 key that is the same for the same 32 bytes.
    ///
    /// The bytes are stretched with a counter until they are a valid scalar, which all but never needs a second round.
    public static func derivedP256(from bytes: [UInt8]) throws -> SigningKey {
        for counter in UInt8(0)...255 {
            let scalar = HKDF<SHA256>.deriveKey(inputKeyMaterial: SymmetricKey(data: bytes), info: [counter], outputByteCount: 32)
            if let key = try? P256.Signing.PrivateKey(rawRepresentation: scalar.withUnsafeBytes { Array($0) }) {
                return try SigningKey(.p256(key))
            }
        }
        throw KeyMaterialError.unsupportedKey("no P-256 key can be derived from this secret")
    }

    /// All private keys of a text that is PEM, or base64 of PEM (`signing_key`). The first one signs, all are published.
    public static func parse(_ text: String) throws -> [SigningKey] {
        var pem = text
        if !pem.contains("-----BEGIN") {
            let compact = String(text.filter { !$0.isWhitespace })
            guard let data = Data(base64Encoded: compact), let decoded = String(data: data, encoding: .utf8), decoded.contains("-----BEGIN")
            else { throw KeyMaterialError.unsupportedKey("neither PEM nor base64 of PEM") }
            pem = decoded
        }
        let keys = try pemBlocks(of: pem).filter { $0.contains("PRIVATE KEY") }.map(parseBlock)
        guard !keys.isEmpty else { throw KeyMaterialError.unsupportedKey("no private key in the PEM text") }
        return keys
    }

    /// The blocks in the one form that the parsers take: lines of 64 characters, nothing around them. Tools write other line lengths,
    /// indentation and comments.
    private static func pemBlocks(of text: String) -> [String] {
        text.components(separatedBy: "-----BEGIN ").dropFirst().compactMap { part in
            let pieces = part.components(separatedBy: "-----")
            guard pieces.count >= 3, pieces[2] == "END \(pieces[0])" else { return nil }
            var base64 = pieces[1].filter { !$0.isWhitespace }[...]
            var lines: [Substring] = []
            while !base64.isEmpty {
                lines.append(base64.prefix(64))
                base64 = base64.dropFirst(64)
            }
            return "-----BEGIN \(pieces[0])-----\n\(lines.joined(separator: "\n"))\n-----END \(pieces[0])-----"
        }
    }

    private static func parseBlock(_ block: String) throws -> SigningKey {
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: block) { return try SigningKey(.p256(key)) }
        if let key = try? P384.Signing.PrivateKey(pemRepresentation: block) { return try SigningKey(.p384(key)) }
        if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: block) { return try SigningKey(.rsa(key)) }
        throw KeyMaterialError.unsupportedKey("only EC P-256, EC P-384 and RSA keys of at least 2048 bits can sign")
    }

    /// The compact JWS over a payload that is JSON already.
    public func sign(payload: some Collection<UInt8>) throws -> String {
        var message = encodedHeader
        message.append(UInt8(ascii: "."))
        message += Base64URL.encodeBytes(payload)
        let signature: [UInt8]
        switch secret {
        case .p256(let key): signature = try Array(key.signature(for: message).rawRepresentation)
        case .p384(let key): signature = try Array(key.signature(for: message).rawRepresentation)
        case .rsa(let key): signature = try Array(key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
        }
        message.append(UInt8(ascii: "."))
        message += Base64URL.encodeBytes(signature)
        return String(decoding: message, as: UTF8.self)
    }
}
