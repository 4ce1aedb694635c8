import KeyMaterial

/// A successful answer of a token endpoint (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
struct TokenGrant: Sendable, Equatable {
    var accessToken: String?
    var idToken: String?
    var refreshToken: String?
    /// Unix seconds; nil where the provider does not say.
    var accessTokenExpiresAt: Int64?

    init(_ members: [String: JSONValue], now: Int64) throws {
        func text(_ name: String) -> String? { members[name]?.text.flatMap { $0.isEmpty ? nil : $0 } }
        accessToken = text("access_token")
        idToken = text("id_token")
        refreshToken = text("refresh_token")
        guard accessToken != nil || idToken != nil else {
            throw IdentityProviderError.misconfigured("its token endpoint gave neither an access token nor an ID token")
        }
        // A century bounds the sum; nothing is told apart beyond it.
        accessTokenExpiresAt = members["expires_in"]?.wholeNumber.flatMap { $0 > 0 ? now + min($0, 100 * 365 * 86_400) : nil }
    }

    /// Claims of a token that was verified before; empty where it cannot be read.
    static func unverifiedClaims(of token: String) -> [String: JSONValue] {
        let pieces = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard pieces.count == 3, let payload = Base64URL.decode(Array(pieces[1])) else { return [:] }
        return JSONValue.object(from: payload) ?? [:]
    }
}
