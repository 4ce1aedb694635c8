import Foundation
import HTTPEndpoints
import HTTPTypes
public import Records

/// GitHub: OAuth 2.0 without OpenID, so the person is read from the API with the access token.
///
/// The access token is fresh from GitHub's own token endpoint, bound by PKCE and `state`, and never taken from the browser.
/// Tokens do not expire; there is nothing to refresh and no place to sign out at.
public struct GitHubProvider: IdentityProvider {
    static let defaultScopes = ["user:email", "read:org"]

    public let id: String
    public let name = "github"

    private let settings: IdentityProviderSettings
    private let webURL: String
    private let apiURL: String
    private let transport: any HTTPTransport
    private let clock: WallClock

    /// With `idp_provider_url` an Enterprise Server: its API lies under `/api/v3`.
    public init(settings: IdentityProviderSettings, transport: any HTTPTransport, clock: WallClock) throws {
        guard !settings.clientID.isEmpty else { throw IdentityProviderError.incompleteSettings("the provider github needs idp_client_id") }
        webURL = DiscoveryDocument.withoutFinalSlash(settings.url ?? "https://github.com")
        guard webURL.hasPrefix("https://") || webURL.hasPrefix("http://"), webURL.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw IdentityProviderError.incompleteSettings("idp_provider_url is not an http(s) URL: \(webURL.prefix(200))")
        }
        apiURL = webURL == "https://github.com" ? "https://api.github.com" : webURL + "/api/v3"
        self.settings = settings
        self.transport = transport
        self.clock = clock
        id = settings.providerID
    }

    public func authorizationURL(for attempt: AuthorizationAttempt) async throws -> String {
        AuthorizationLocation.url(
            endpoint: webURL + "/login/oauth/authorize", clientID: settings.clientID, scopes: settings.scopes ?? Self.defaultScopes,
            attempt: attempt, extra: settings.requestParameters ?? [:])
    }

    public func redeem(code: String, for attempt: CodeRedemption) async throws -> VerifiedPerson {
        let client = TokenEndpointClient(clientID: settings.clientID, clientSecret: settings.clientSecret, method: .post, transport: transport)
        let answer: [String: JSONValue]
        do {
            answer = try await client.post(
                to: webURL + "/login/oauth/access_token",
                ["code": code, "redirect_uri": attempt.redirectURI, "code_verifier": attempt.codeVerifier])
        } catch IdentityProviderError.refused(code: "bad_verification_code", let description) {
            // GitHub's name for a code that is too old or used.
            throw IdentityProviderError.grantRefused(code: "bad_verification_code", description: description)
        }
        let grant = try TokenGrant(answer, now: clock.seconds)
        return try await person(
            ProviderTokens(accessToken: grant.accessToken, refreshToken: grant.refreshToken, accessTokenExpiresAt: grant.accessTokenExpiresAt))
    }

    public func refresh(_ tokens: ProviderTokens, subject: String) async throws -> VerifiedPerson {
        let person = try await person(tokens)
        guard person.subject == subject else { throw IdentityProviderError.untrustworthyToken("the token is about somebody else") }
        return person
    }

    public func revoke(_ tokens: ProviderTokens) async throws {
        guard let accessToken = tokens.accessToken else { return }
        let credentials = Data("\(settings.clientID):\(settings.clientSecret)".utf8).base64EncodedString()
        let body = try JSONValue.object(["access_token": .string(accessToken)]).encoded()
        let url = "\(apiURL)/applications/\(FormParameters.encode(settings.clientID))/grant"
        let response = try await ProviderAnswer.send(
            TransportRequest(
                method: .delete, url: url,
                headers: [
                    .authorization: "Basic \(credentials)", .contentType: "application/json", .accept: "application/vnd.github+json",
                    .userAgent: "postern",
                ],
                body: body), over: transport)
        guard response.isSuccess || response.status == 404 else { throw ProviderAnswer.failure(response, at: url) }
    }

    public func endSessionURL(idToken: String?, returnTo: String) async throws -> String? { nil }

    private func person(_ tokens: ProviderTokens) async throws -> VerifiedPerson {
        let profile = try await JSONValue.object(from: fetch("/user", tokens).body) ?? [:]
        guard let subject = profile["node_id"]?.text, !subject.isEmpty else {
            throw IdentityProviderError.misconfigured("\(apiURL)/user names nobody")
        }
        let emails = try await fetch("/user/emails", tokens)
        guard let list = try? JSONDecoder().decode([JSONValue].self, from: Data(emails.body)) else {
            throw IdentityProviderError.misconfigured("\(apiURL)/user/emails is not a list")
        }
        let email = list.lazy.compactMap { entry -> String? in
            guard case .object(let members) = entry, members["primary"]?.truth == true, members["verified"]?.truth == true else { return nil }
            return members["email"]?.text
        }.first
        var members: [String: JSONValue] = [:]
        for (claim, source) in [("user", "login"), ("name", "name"), ("picture", "avatar_url"), ("profile", "html_url"), ("website", "blog")] {
            if let value = profile[source], value != .null { members[claim] = value }
        }
        if let email {
            members["email"] = .string(email)
            members["email_verified"] = .bool(true)
        }
        return VerifiedPerson(
            subject: subject, email: email ?? "", name: members["name"]?.text ?? "",
            claims: ClaimFlattening.flatten([members]), tokens: tokens)
    }

    private func fetch(_ path: String, _ tokens: ProviderTokens) async throws -> TransportResponse {
        guard let accessToken = tokens.accessToken, TokenEndpointClient.isBearerToken(accessToken) else {
            throw IdentityProviderError.grantRefused(code: "invalid_grant", description: "there is no access token")
        }
        let url = apiURL + path
        let response = try await ProviderAnswer.send(
            TransportRequest(
                url: url, headers: [.authorization: "Bearer \(accessToken)", .accept: "application/vnd.github+json", .userAgent: "postern"]),
            over: transport)
        if response.status == 401 { throw IdentityProviderError.grantRefused(code: "invalid_grant", description: "the access token was revoked") }
        guard response.isSuccess else { throw ProviderAnswer.failure(response, at: url) }
        return response
    }
}
