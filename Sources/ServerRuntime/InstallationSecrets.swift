import Crypto
import Diagnostics
import Foundation
import KeyMaterial
import ProxyConfig

/// The secrets of an installation: those of the configuration, or ones made once and kept in the data directory.
struct InstallationSecrets: Sendable {
    /// Seals everything that browsers carry. Depends on both secrets: a change of either starts sign-ins anew, and nobody is stranded.
    let keys: KeyRing
    /// Newest first.
    let signingKeys: [SigningKey]

    init(settings: Settings, directory: DataDirectory) throws {
        let shared = try settings.sharedSecret ?? Self.kept("shared-secret", in: directory)
        let cookie = try settings.cookieSecret ?? Self.kept("cookie-secret", in: directory)
        guard let root = RootSecret.combining(shared, cookie), let sharedRoot = RootSecret(shared) else {
            throw DiagnosticError(Diagnostic(code: "secret", "a secret does not have 32 bytes"))
        }
        keys = KeyRing(writing: root)
        signingKeys =
            try settings.signingKeys.isEmpty
            ? [SigningKey.derivedP256(from: KeyRing(writing: sharedRoot).derivedBytes(.assertionSigning))] : settings.signingKeys
    }

    /// The stored secret, made at the first start.
    private static func kept(_ name: String, in directory: DataDirectory) throws -> [UInt8] {
        if let text = try directory.read(name) {
            guard let bytes = Data(base64Encoded: text), bytes.count == 32 else {
                throw DiagnosticError(
                    Diagnostic(
                        code: "secret", "\(directory.file(name)) does not hold 32 bytes in base64",
                        help: "restore it from a backup; if you remove it a new one is made and everybody has to sign in again"))
            }
            return Array(bytes)
        }
        let bytes = RootSecret.random()
        try directory.write(name, Data(bytes).base64EncodedString() + "\n")
        return bytes
    }
}
