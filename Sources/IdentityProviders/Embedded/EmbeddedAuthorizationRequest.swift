import HTTPEndpoints
import KeyMaterial

/// An authorization request to the embedded provider (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1), checked.
struct EmbeddedAuthorizationRequest: Sendable {
    var client: EmbeddedClient
    var redirectURI: String
    var state: String?
    var nonce: String?
    var codeChallenge: String
    var scopes: [String]
    var promptsNone: Bool
    var promptsLogin: Bool
    /// Seconds.
    var maximumAge: Int64?
    var loginHint: String

    enum Refusal: Error, Equatable {
        /// Nobody to send the browser back to; the text is for the page.
        case page(String)
        /// Sent to the client as `error` and `error_description`.
        case client(redirectURI: String, state: String?, code: String, description: String)
    }

    init(_ query: FormParameters, provider: EmbeddedProvider) throws(Refusal) {
        guard let client = provider.client(query["client_id"]) else {
            throw .page("The application that sent you here is not known to this sign-in service.")
        }
        guard let redirectURI = query["redirect_uri"], client.redirectURIs.contains(redirectURI) else {
            throw .page("The application that sent you here named a return address that is not registered.")
        }
        let state = query["state"]
        func refuse(_ code: String, _ description: String) -> Refusal {
            .client(redirectURI: redirectURI, state: state, code: code, description: description)
        }
        let names = query.pairs.map(\.name)
        guard Set(names).count == names.count else { throw refuse("invalid_request", "a parameter is given twice") }
        guard query["request"] == nil else { throw refuse("request_not_supported", "request objects are not supported") }
        guard query["request_uri"] == nil else { throw refuse("request_uri_not_supported", "request objects are not supported") }
        guard query["response_type"] == "code" else { throw refuse("unsupported_response_type", "response_type must be code") }
        guard query["response_mode"] ?? "query" == "query" else { throw refuse("invalid_request", "response_mode must be query") }
        scopes = (query["scope"] ?? "").split(separator: " ").map(String.init)
        guard scopes.contains("openid") else { throw refuse("invalid_scope", "the scope must contain openid") }
        guard let challenge = query["code_challenge"], query["code_challenge_method"] == "S256", Base64URL.decode(challenge)?.count == 32 else {
            throw refuse("invalid_request", "code_challenge with the method S256 is required")
        }
        let prompts = Set((query["prompt"] ?? "").split(separator: " ").map(String.init))
        guard !prompts.contains("none") || prompts.count == 1 else { throw refuse("invalid_request", "prompt none excludes all others") }
        if let text = query["max_age"] {
            guard let seconds = Int64(text), seconds >= 0 else { throw refuse("invalid_request", "max_age must be a number of seconds") }
            maximumAge = seconds
        } else {
            maximumAge = nil
        }
        self.client = client
        self.redirectURI = redirectURI
        self.state = state
        nonce = query["nonce"]
        codeChallenge = challenge
        promptsNone = prompts.contains("none")
        promptsLogin = prompts.contains("login") || prompts.contains("select_account")
        loginHint = query["login_hint"] ?? ""
    }
}
