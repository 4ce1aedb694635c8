import HTTPEndpoints

/// Builds the URLs that a browser is sent to.
enum AuthorizationLocation {
    /// The authorization request (RFC 6749 section 4.1.1 with RFC 7636 section 4.3). `extra` never replaces what the flow depends on.
    static func url(
        endpoint: String, clientID: String, scopes: [String], attempt: AuthorizationAttempt, extra: [String: String]
    ) -> String {
        var parameters: [(String, String)] = [
            ("response_type", "code"), ("client_id", clientID), ("redirect_uri", attempt.redirectURI),
            ("scope", scopes.joined(separator: " ")), ("state", attempt.state), ("nonce", attempt.nonce),
            ("code_challenge", attempt.codeChallenge), ("code_challenge_method", "S256"),
        ]
        let fixed = Set(parameters.map(\.0))
        // Providers that let people choose an account anyway are configured with a prompt of their own.
        if attempt.promptsLogin, extra["prompt"] == nil { parameters.append(("prompt", "login")) }
        parameters += extra.filter { !fixed.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return appending(parameters, to: endpoint)
    }

    /// Keeps a query that the URL has already (RFC 6749 section 3.1).
    static func appending(_ parameters: [(String, String)], to url: String) -> String {
        let query = parameters.map { "\(FormParameters.encode($0.0))=\(FormParameters.encode($0.1))" }.joined(separator: "&")
        guard !query.isEmpty else { return url }
        let separator = url.contains("?") ? (url.hasSuffix("?") || url.hasSuffix("&") ? "" : "&") : "?"
        return url + separator + query
    }
}
