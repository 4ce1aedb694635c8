import Diagnostics
import KeyMaterial
import Routing

extension SettingGroup {
    /// Reference: configuration sections 1.5 and 2.2.
    static let secrets = SettingGroup(
        title: "Secrets",
        settings: [
            .custom(
                "shared_secret", type: "base64 of 32 bytes", default: "made at the first start",
                "Every other key is derived from it. Replicas share it. Without it one is made and kept in `data_dir`."
            ) { entry, context in context.sharedSecret(entry) },
            .custom("shared_secret_file", type: "path", default: "–", "As `shared_secret`, from a file; wins where both are set.") { entry, context in
                context.sharedSecret(entry)
            },
            .custom(
                "cookie_secret", type: "base64 of 32 bytes", default: "made at the first start",
                "Seals session cookies: with another one everybody has to sign in again. Without it one is made and kept in `data_dir`."
            ) { entry, context in context.cookieSecret(entry) },
            .custom("cookie_secret_file", type: "path", default: "–", "As `cookie_secret`, from a file; wins where both are set.") { entry, context in
                context.cookieSecret(entry)
            },
            .custom(
                "signing_key", type: "PEM, or base64 of PEM", default: "derived from `shared_secret`",
                """
                Private keys (EC P-256, P-384, RSA) for the identity assertion: the first one signs, all are published at \
                `/.well-known/pomerium/jwks.json`.
                """
            ) { entry, context in context.signingKey(entry) },
            .custom("signing_key_file", type: "path", default: "–", "As `signing_key`, from a file; wins where both are set.") { entry, context in
                context.signingKey(entry)
            },
        ])
}

extension SettingsDecodingContext {
    mutating func sharedSecret(_ entry: ConfigEntry) {
        if let secret = secret(entry, "shared secret") { settings.sharedSecret = secret }
    }

    mutating func cookieSecret(_ entry: ConfigEntry) {
        if let secret = secret(entry, "cookie secret") { settings.cookieSecret = secret }
    }

    mutating func signingKey(_ entry: ConfigEntry) {
        let prefix = "couldn't derive JWT signing key: "
        guard let text = secretText(entry, or: { prefix + $0 }) else { return }
        do {
            settings.signingKeys = try SigningKey.parse(text)
        } catch KeyMaterialError.unsupportedKey(let reason) {
            report.error("invalid-signing-key", prefix + reason, at: entry.position)
        } catch {
            report.error("invalid-signing-key", prefix + "the key cannot be read", at: entry.position)
        }
    }

    /// The text of a secret, inline or from its file, without line breaks at its end; nil also where the file wins over this inline value,
    /// or the value is empty, which counts as unset.
    mutating func secretText(_ entry: ConfigEntry, or problem: (String) -> String) -> String? {
        let text: String?
        if entry.key.lowercased().hasSuffix("_file") {
            text = file(named: entry, or: problem)
        } else {
            guard entries[entry.key.lowercased() + "_file"] == nil else { return nil }
            text = entry.string(&report)
            if text?.isEmpty ?? false { return nil }
        }
        guard var text else { return nil }
        while let last = text.unicodeScalars.last, last == "\n" || last == "\r" { text.unicodeScalars.removeLast() }
        return text
    }

    private mutating func secret(_ entry: ConfigEntry, _ name: String) -> [UInt8]? {
        let prefix = "config: invalid \(name): "
        guard let text = secretText(entry, or: { prefix + $0 }) else { return nil }
        let help = "make one with: head -c32 /dev/urandom | base64"
        guard !text.isEmpty else {
            report.error("invalid-secret", prefix + "empty \(name)", at: entry.position, help: help)
            return nil
        }
        guard !text.contains(where: \.isWhitespace) else {
            report.error("invalid-secret", prefix + "\(name) contains whitespace", at: entry.position)
            return nil
        }
        guard let bytes = Base64Text.decode(text) else {
            report.error("invalid-secret", prefix + "illegal base64 data", at: entry.position, help: help)
            return nil
        }
        guard bytes.count == 32 else {
            report.error("invalid-secret", prefix + "got \(bytes.count) bytes but want 32", at: entry.position, help: help)
            return nil
        }
        return bytes
    }
}
