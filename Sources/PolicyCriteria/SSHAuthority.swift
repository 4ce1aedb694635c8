import Crypto
import CryptoExtras
import Foundation

/// A key that may sign SSH certificates: Ed25519 (RFC 8709), ECDSA over the NIST curves (RFC 5656), RSA of 2048 bits and more with SHA-2 (RFC 8332).
struct SSHAuthority: Sendable {
    private enum Key: Sendable {
        case ed25519(Curve25519.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    /// The key in wire form, as certificates name it.
    let blob: [UInt8]
    private let key: Key

    /// Nil if the key is of another kind, or malformed.
    init?(_ publicKey: SSHPublicKey) {
        var reader = SSHWireReader(publicKey.blob)
        guard reader.string() != nil, let key = Self.key(publicKey.algorithm, &reader), reader.isAtEnd else { return nil }
        self.blob = publicKey.blob
        self.key = key
    }

    /// Whether `signature`, in the wire form of its algorithm, is this key's over `message`. RSA with SHA-1 is refused.
    func isValid(signature: [UInt8], over message: [UInt8]) -> Bool {
        var reader = SSHWireReader(signature)
        guard let name = reader.string(), let bytes = reader.string(), reader.isAtEnd else { return false }
        switch (String(decoding: name, as: UTF8.self), key) {
        case ("ssh-ed25519", .ed25519(let key)):
            return key.isValidSignature(bytes, for: message)
        case ("ecdsa-sha2-nistp256", .p256(let key)):
            return Self.pair(bytes, width: 32).flatMap { try? P256.Signing.ECDSASignature(rawRepresentation: $0) }
                .map { key.isValidSignature($0, for: message) } ?? false
        case ("ecdsa-sha2-nistp384", .p384(let key)):
            return Self.pair(bytes, width: 48).flatMap { try? P384.Signing.ECDSASignature(rawRepresentation: $0) }
                .map { key.isValidSignature($0, for: SHA384.hash(data: message)) } ?? false
        case ("ecdsa-sha2-nistp521", .p521(let key)):
            return Self.pair(bytes, width: 66).flatMap { try? P521.Signing.ECDSASignature(rawRepresentation: $0) }
                .map { key.isValidSignature($0, for: SHA512.hash(data: message)) } ?? false
        case ("rsa-sha2-256", .rsa(let key)):
            return key.isValidSignature(.init(rawRepresentation: bytes), for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
        case ("rsa-sha2-512", .rsa(let key)):
            return key.isValidSignature(.init(rawRepresentation: bytes), for: SHA512.hash(data: message), padding: .insecurePKCS1v1_5)
        default:
            return false
        }
    }

    private static func key(_ algorithm: String, _ reader: inout SSHWireReader) -> Key? {
        switch algorithm {
        case "ssh-ed25519":
            return reader.string().flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }.map { .ed25519($0) }
        case "ecdsa-sha2-nistp256":
            return point("nistp256", &reader).flatMap { try? P256.Signing.PublicKey(x963Representation: $0) }.map { .p256($0) }
        case "ecdsa-sha2-nistp384":
            return point("nistp384", &reader).flatMap { try? P384.Signing.PublicKey(x963Representation: $0) }.map { .p384($0) }
        case "ecdsa-sha2-nistp521":
            return point("nistp521", &reader).flatMap { try? P521.Signing.PublicKey(x963Representation: $0) }.map { .p521($0) }
        case "ssh-rsa":
            guard let exponent = reader.string(), let modulus = reader.string() else { return nil }
            return (try? _RSA.Signing.PublicKey(n: Data(modulus), e: Data(exponent))).map { .rsa($0) }
        default:
            return nil
        }
    }

    private static func point(_ curve: String, _ reader: inout SSHWireReader) -> [UInt8]? {
        guard let name = reader.string(), name.elementsEqual(curve.utf8) else { return nil }
        return reader.string()
    }

    /// The numbers r and s, each with a sign byte and without leading zeros, as two numbers of equal width.
    private static func pair(_ bytes: [UInt8], width: Int) -> [UInt8]? {
        var reader = SSHWireReader(bytes)
        var pair: [UInt8] = []
        for _ in 0..<2 {
            guard let number = reader.string()?.drop(while: { $0 == 0 }), number.count <= width else { return nil }
            pair += Array(repeating: 0, count: width - number.count) + number
        }
        return reader.isAtEnd ? pair : nil
    }
}
