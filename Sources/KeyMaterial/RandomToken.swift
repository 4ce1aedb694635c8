import Crypto

/// Unguessable identifiers.
public enum RandomToken {
    /// `bytes` random bytes from the system's generator.
    public static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// base64url text of that many random bytes; 16 bytes are 128 bits.
    public static func text(bytes count: Int = 16) -> String {
        Base64URL.encode(bytes(count))
    }

    /// Equality in time that does not depend on where two values differ.
    public static func constantTimeEquals(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// base64url of SHA-256, for binding a value without revealing it.
    public static func digest(_ text: String) -> String {
        digest(joining: CollectionOfOne(text))
    }

    /// As ``digest(_:)`` of all texts as one, without putting them together.
    public static func digest(joining texts: some Sequence<String>) -> String {
        var hash = SHA256()
        for var text in texts {
            text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        }
        return Base64URL.encode(Array(hash.finalize()))
    }
}
