import KeyMaterial

/// A party that may send people to the embedded provider.
struct EmbeddedClient: Sendable, Equatable {
    var id: String
    var secret: String
    /// Compared as exact text (RFC 9700 section 2.1).
    var redirectURIs: [String]
    var postLogoutRedirectURIs: [String]

    func hasSecret(_ given: String) -> Bool {
        RandomToken.constantTimeEquals(Array(RandomToken.digest(given).utf8), Array(RandomToken.digest(secret).utf8))
    }
}
