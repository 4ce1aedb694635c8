import Crypto
import CryptoExtras
import Foundation
import KeyMaterial

/// A public key of a provider's JWK set that can verify signatures (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).
///
/// The kind of the key limits the algorithms: a token's header chooses among those, never outside.
struct VerificationKey: Sendable {
    private enum Material: Sendable {
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    let keyID: String?
    private let algorithm: String?
    private let material: Material

    /// Algorithms that a token may name. `none` and the shared-secret family are not among them.
    static let algorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
    ]

    /// Nil for keys that are for encryption, of another kind, or too weak (RSA below 2048 bits).
    init?(_ members: [String: JSONValue]) {
        if let use = members["use"]?.text, use != "sig" { return nil }
        func bytes(_ name: String) -> [UInt8]? { members[name]?.text.flatMap { Base64URL.decode($0) } }
        switch (members["kty"]?.text, members["crv"]?.text) {
        case ("RSA", _):
            // Some providers write leading zero bytes, which the importer counts as part of the number.
            guard let n = bytes("n")?.drop(while: { $0 == 0 }), let e = bytes("e"), n.count >= 256, n.count <= 1024,
                let key = try? _RSA.Signing.PublicKey(n: Data(n), e: Data(e))
            else { return nil }
            material = .rsa(key)
        case ("EC", "P-256"):
            guard let point = Self.point(bytes("x"), bytes("y"), width: 32), let key = try? P256.Signing.PublicKey(rawRepresentation: point)
            else { return nil }
            material = .p256(key)
        case ("EC", "P-384"):
            guard let point = Self.point(bytes("x"), bytes("y"), width: 48), let key = try? P384.Signing.PublicKey(rawRepresentation: point)
            else { return nil }
            material = .p384(key)
        case ("EC", "P-521"):
            guard let point = Self.point(bytes("x"), bytes("y"), width: 66), let key = try? P521.Signing.PublicKey(rawRepresentation: point)
            else { return nil }
            material = .p521(key)
        case ("OKP", "Ed25519"):
            guard let x = bytes("x"), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else { return nil }
            material = .ed25519(key)
        default: return nil
        }
        keyID = members["kid"]?.text
        algorithm = members["alg"]?.text
    }

    private static func point(_ x: [UInt8]?, _ y: [UInt8]?, width: Int) -> [UInt8]? {
        guard let x, let y, x.count <= width, y.count <= width else { return nil }
        let padded = { (number: [UInt8]) in [UInt8](repeating: 0, count: width - number.count) + number }
        return padded(x) + padded(y)
    }

    /// False also where the algorithm is not one of this key.
    func verifies(_ signature: [UInt8], of message: [UInt8], algorithm: String) -> Bool {
        guard Self.algorithms.contains(algorithm), self.algorithm == nil || self.algorithm == algorithm else { return false }
        switch (material, algorithm) {
        case (.rsa(let key), _):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            return switch algorithm {
            case "RS256": key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
            case "RS384": key.isValidSignature(signature, for: SHA384.hash(data: message), padding: .insecurePKCS1v1_5)
            case "RS512": key.isValidSignature(signature, for: SHA512.hash(data: message), padding: .insecurePKCS1v1_5)
            case "PS256": key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .PSS)
            case "PS384": key.isValidSignature(signature, for: SHA384.hash(data: message), padding: .PSS)
            case "PS512": key.isValidSignature(signature, for: SHA512.hash(data: message), padding: .PSS)
            default: false
            }
        case (.p256(let key), "ES256"):
            return (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case (.p384(let key), "ES384"):
            return (try? P384.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case (.p521(let key), "ES512"):
            return (try? P521.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case (.ed25519(let key), "EdDSA"), (.ed25519(let key), "Ed25519"):
            return key.isValidSignature(signature, for: message)
        default: return false
        }
    }
}
