import Crypto
import Foundation

/// A 256-bit secret of the operator, the root of everything derived.
public struct RootSecret: Sendable {
    let key: SymmetricKey

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        key = SymmetricKey(data: bytes)
    }

    private init(key: SymmetricKey) {
        self.key = key
    }

    /// One secret that depends on both, which have 32 bytes each; nil for other lengths.
    public static func combining(_ first: [UInt8], _ second: [UInt8]) -> RootSecret? {
        guard first.count == 32, second.count == 32 else { return nil }
        return RootSecret(
            key: HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: first), salt: second, info: Array("postern/v1/root".utf8), outputByteCount: 32))
    }

    public static func random() -> [UInt8] {
        SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }
}

/// Seals small values so that only this installation can read or make them.
///
/// Every purpose has its own key: HKDF-SHA256 over the root secret with the label `postern/v1/<purpose>`. Several root secrets may be
/// given: the first one writes, all of them read, so that a secret can be replaced without signing anybody out.
/// Sealing is AES-256-GCM with a random 96-bit nonce; the token is base64url of `key id (4) | nonce (12) | ciphertext | tag (16)`.
public struct KeyRing: Sendable {
    private struct Generation: Sendable {
        var id: [UInt8]
        var secret: RootSecret
        var keys: [KeyPurpose: SymmetricKey]

        func key(for purpose: KeyPurpose) -> SymmetricKey {
            keys[purpose] ?? KeyRing.derive(secret, label: purpose.rawValue)
        }
    }

    private let generations: [Generation]

    /// The longest token that `open` looks at; longer ones are refused unread.
    public static let maximumTokenLength = 16 * 1024

    /// Needs at least one secret.
    public init(writing current: RootSecret, reading previous: [RootSecret] = []) {
        generations = ([current] + previous).map { secret in
            var keys: [KeyPurpose: SymmetricKey] = [:]
            for purpose in KeyPurpose.allCases { keys[purpose] = Self.derive(secret, label: purpose.rawValue) }
            let identity = Self.derive(secret, label: "key-id").withUnsafeBytes { Array($0.prefix(4)) }
            return Generation(id: identity, secret: secret, keys: keys)
        }
    }

    private static func derive(_ secret: RootSecret, label: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: secret.key, info: Array("postern/v1/\(label)".utf8), outputByteCount: 32)
    }

    /// 32 bytes derived for the purpose from the newest secret, for keys that other libraries hold.
    public func derivedBytes(_ purpose: KeyPurpose) -> [UInt8] {
        generations[0].key(for: purpose).withUnsafeBytes { Array($0) }
    }

    /// `context` is bound to the token without being in it (a host name, a cookie name): opening needs the same one.
    public func seal(_ plaintext: some Collection<UInt8>, for purpose: KeyPurpose, context: String = "") throws -> String {
        let generation = generations[0]
        let box = try AES.GCM.seal(Array(plaintext), using: generation.key(for: purpose), authenticating: Array(context.utf8))
        return Base64URL.encode(generation.id + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag))
    }

    /// Nil for everything that this ring did not seal for this purpose and context; it never says why.
    public func open(_ token: some Collection<UInt8>, for purpose: KeyPurpose, context: String = "") -> [UInt8]? {
        guard token.count <= Self.maximumTokenLength, let bytes = Base64URL.decode(token), bytes.count >= 4 + 12 + 16 else { return nil }
        for generation in generations where generation.id.elementsEqual(bytes[0..<4]) {
            guard let box = try? AES.GCM.SealedBox(combined: bytes[4...]) else { return nil }
            if let data = try? AES.GCM.open(box, using: generation.key(for: purpose), authenticating: Array(context.utf8)) {
                return Array(data)
            }
        }
        return nil
    }

    public func open(_ token: String, for purpose: KeyPurpose, context: String = "") -> [UInt8]? {
        open(Array(token.utf8), for: purpose, context: context)
    }

    /// Seals the JSON form of a value.
    public func seal(json value: some Encodable, for purpose: KeyPurpose, context: String = "") throws -> String {
        try seal(Array(JSONEncoder().encode(value)), for: purpose, context: context)
    }

    /// Opens and decodes; nil for anything that is not ours.
    public func open<Value: Decodable>(
        _ type: Value.Type, from token: String, for purpose: KeyPurpose, context: String = ""
    ) -> Value? {
        open(token, for: purpose, context: context).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
    }

    /// HMAC-SHA256 under the purpose's newest key.
    public func authenticationCode(for message: some Collection<UInt8>, _ purpose: KeyPurpose) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(message), using: generations[0].key(for: purpose)))
    }
}

public enum KeyMaterialError: Error, Sendable, Equatable {
    /// Neither PEM nor base64 of PEM, or a kind of key that is not supported; the text says which.
    case unsupportedKey(String)
    /// Longer than ``PasswordHash/maximumPasswordBytes``.
    case passwordTooLong
}
