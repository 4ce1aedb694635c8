import Crypto
import CryptoExtras
import Foundation

/// Passwords are stored as scrypt (RFC 7914) in the form `$scrypt$ln=15,r=8,p=1$<salt>$<hash>` (base64url without padding).
public struct PasswordHash: Sendable {
    /// 2^15 rounds of 1 KiB blocks: 32 MiB and some 60 ms, the interactive setting of OWASP's cheat sheet.
    public static let defaultLogRounds = 15

    /// Stored parameters that would need more than this many bytes are taken for damage.
    private static let maximumMemory = 256 << 20

    /// Longer passwords are refused rather than cut.
    public static let maximumPasswordBytes = 1024

    /// Throws ``KeyMaterialError/passwordTooLong`` beyond ``maximumPasswordBytes``.
    public static func make(password: String, logRounds: Int = defaultLogRounds) throws -> String {
        guard password.utf8.count <= maximumPasswordBytes else { throw KeyMaterialError.passwordTooLong }
        let salt = RandomToken.bytes(16)
        let key = try derive(password: password, salt: salt, logRounds: logRounds, blockSize: 8, parallelism: 1)
        return "$scrypt$ln=\(logRounds),r=8,p=1$\(Base64URL.encode(salt))$\(Base64URL.encode(key))"
    }

    /// False also for a stored text that cannot be read.
    public static func verify(password: String, against stored: String) -> Bool {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: true)
        guard parts.count == 4, parts[0] == "scrypt", password.utf8.count <= maximumPasswordBytes,
            let salt = Base64URL.decode(String(parts[2])), let expected = Base64URL.decode(String(parts[3])), expected.count == 32
        else { return false }
        var parameters: [String: Int] = [:]
        for pair in parts[1].split(separator: ",") {
            let words = pair.split(separator: "=")
            guard words.count == 2, let number = Int(words[1]) else { return false }
            parameters[String(words[0])] = number
        }
        // The bounds keep a damaged record from asking for gigabytes.
        guard let logRounds = parameters["ln"], (10...20).contains(logRounds), let blockSize = parameters["r"], (1...16).contains(blockSize),
            (128 * blockSize) << logRounds <= maximumMemory, let parallelism = parameters["p"], (1...4).contains(parallelism),
            let key = try? derive(password: password, salt: salt, logRounds: logRounds, blockSize: blockSize, parallelism: parallelism)
        else { return false }
        return RandomToken.constantTimeEquals(key, expected)
    }

    private static func derive(password: String, salt: [UInt8], logRounds: Int, blockSize: Int, parallelism: Int) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << logRounds, blockSize: blockSize,
            parallelism: parallelism
        ).withUnsafeBytes { Array($0) }
    }
}
