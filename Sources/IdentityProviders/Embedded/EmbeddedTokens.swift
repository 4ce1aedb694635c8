import KeyMaterial
import Records

/// An authorization code of the embedded provider: all that the token endpoint needs, sealed.
struct EmbeddedAuthorizationCode: Sendable, Codable, Equatable {
    /// Seconds between the form and the token request.
    static let lifetime: Int64 = 600

    var id: String
    var clientID: String
    var redirectURI: String
    var codeChallenge: String
    var nonce: String?
    var scopes: [String]
    var email: String
    var subject: String
    var passwordStamp: String
    /// Unix seconds.
    var authenticatedAt: Int64
    var expiresAt: Int64

    func sealed(with keys: KeyRing) throws -> String { try keys.seal(json: self, for: .authorizationCode) }

    static func open(_ token: String, with keys: KeyRing) -> EmbeddedAuthorizationCode? {
        keys.open(EmbeddedAuthorizationCode.self, from: token, for: .authorizationCode)
    }
}

/// An access token of the embedded provider; good for its own userinfo endpoint alone.
struct EmbeddedAccessToken: Sendable, Codable, Equatable {
    static let lifetime: Int64 = 3600

    var email: String
    var subject: String
    var scopes: [String]
    var passwordStamp: String
    /// Unix seconds.
    var expiresAt: Int64

    func sealed(with keys: KeyRing) throws -> String { try keys.seal(json: self, for: .providerAccessToken) }

    static func open(_ token: String, with keys: KeyRing, now: Int64) -> EmbeddedAccessToken? {
        keys.open(EmbeddedAccessToken.self, from: token, for: .providerAccessToken).flatMap { now < $0.expiresAt ? $0 : nil }
    }
}

/// The single sign-on cookie of the embedded provider: further tabs and applications need no form.
struct EmbeddedSignOn: Sendable, Codable, Equatable {
    static let lifetime: Int64 = 14 * 3600

    var email: String
    var subject: String
    var passwordStamp: String
    /// Unix seconds.
    var authenticatedAt: Int64

    /// `host` binds the cookie to the authenticate host.
    func sealed(with keys: KeyRing, host: String) throws -> String { try keys.seal(json: self, for: .providerSession, context: host) }

    static func open(_ token: String, with keys: KeyRing, host: String, now: Int64) -> EmbeddedSignOn? {
        keys.open(EmbeddedSignOn.self, from: token, for: .providerSession, context: host)
            .flatMap { now < $0.authenticatedAt + lifetime ? $0 : nil }
    }
}

extension LocalUser {
    /// Changes with every change of the password, and tells nothing about it.
    var passwordStamp: String { String(RandomToken.digest(passwordHash).prefix(22)) }

    /// Claims for the scopes granted (OpenID Connect Core section 5.4).
    func claims(for scopes: [String]) -> [String: JSONValue] {
        var members: [String: JSONValue] = ["sub": .string(subject)]
        if scopes.contains("email") {
            members["email"] = .string(email)
            members["email_verified"] = .bool(true)
        }
        if scopes.contains("profile"), !name.isEmpty { members["name"] = .string(name) }
        if scopes.contains("groups") { members["groups"] = .array(groups.map { .string($0) }) }
        return members
    }
}
