import HTTPTypes
public import Records

/// An OpenID provider asked with the authorization code flow (OpenID Connect Core section 3.1), always with PKCE S256, `state` and `nonce`.
public struct OIDCProvider: IdentityProvider {
    public let id: String
    public var name: String { profile.name }

    let profile: OIDCProfile
    private let settings: IdentityProviderSettings
    private let discovery: DiscoveryCache
    private let verifier: IDTokenVerifier
    private let transport: any HTTPTransport
    private let clock: WallClock

    init(profile: OIDCProfile, settings: IdentityProviderSettings, transport: any HTTPTransport, clock: WallClock) throws {
        guard let url = settings.url ?? profile.defaultURL, !url.isEmpty else {
            throw IdentityProviderError.incompleteSettings("the provider \(profile.name) needs idp_provider_url")
        }
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw IdentityProviderError.incompleteSettings("idp_provider_url is not an http(s) URL: \(url.prefix(200))")
        }
        guard !settings.clientID.isEmpty else {
            throw IdentityProviderError.incompleteSettings("the provider \(profile.name) needs idp_client_id")
        }
        self.profile = profile
        self.settings = settings
        self.transport = transport
        self.clock = clock
        id = settings.providerID
        discovery = DiscoveryCache(url: url, checksIssuer: profile.checksIssuer, transport: transport, clock: clock)
        verifier = IDTokenVerifier(clientID: settings.clientID, keys: VerificationKeyCache(transport: transport, clock: clock), clock: clock)
    }

    /// A provider with no ways of its own: the catalog's `oidc`.
    public init(settings: IdentityProviderSettings, transport: any HTTPTransport, clock: WallClock) throws {
        try self.init(profile: .generic, settings: settings, transport: transport, clock: clock)
    }

    public func authorizationURL(for attempt: AuthorizationAttempt) async throws -> String {
        let document = try await discovery.current()
        return AuthorizationLocation.url(
            endpoint: document.authorizationEndpoint, clientID: settings.clientID, scopes: settings.scopes ?? profile.defaultScopes,
            attempt: attempt, extra: settings.requestParameters ?? profile.defaultRequestParameters)
    }

    public func redeem(code: String, for attempt: CodeRedemption) async throws -> VerifiedPerson {
        let document = try await discovery.current()
        let answer = try await tokenClient(document).post(
            to: document.tokenEndpoint,
            [
                "grant_type": "authorization_code", "code": code, "redirect_uri": attempt.redirectURI, "code_verifier": attempt.codeVerifier,
            ])
        let grant = try TokenGrant(answer, now: clock.seconds)
        guard let idToken = grant.idToken else {
            throw IdentityProviderError.misconfigured("its token endpoint gave no ID token; is the scope openid asked for?")
        }
        let claims = try await verifier.verify(idToken, issuer: document.issuer, jwksURI: document.jwksURI, nonce: attempt.nonce)
        let userinfo = try await userinfo(document, accessToken: grant.accessToken, subject: claims["sub"]?.text)
        return try person([claims, userinfo], tokens: tokens(grant, previous: nil))
    }

    public func refresh(_ tokens: ProviderTokens, subject: String) async throws -> VerifiedPerson {
        guard let refreshToken = tokens.refreshToken else {
            throw IdentityProviderError.grantRefused(code: "invalid_grant", description: "there is no refresh token")
        }
        let document = try await discovery.current()
        let answer = try await tokenClient(document).post(
            to: document.tokenEndpoint, ["grant_type": "refresh_token", "refresh_token": refreshToken])
        let grant = try TokenGrant(answer, now: clock.seconds)
        var claims: [String: JSONValue] = [:]
        if let idToken = grant.idToken {
            claims = try await verifier.verify(idToken, issuer: document.issuer, jwksURI: document.jwksURI, nonce: nil)
        } else if let idToken = tokens.idToken {
            // Verified when it was new; its times do not matter any more.
            claims = TokenGrant.unverifiedClaims(of: idToken)
        }
        let userinfo = try await userinfo(document, accessToken: grant.accessToken, subject: claims["sub"]?.text)
        let person = try person([claims, userinfo], tokens: self.tokens(grant, previous: tokens))
        guard person.subject == subject else { throw IdentityProviderError.untrustworthyToken("the refreshed token is about somebody else") }
        return person
    }

    public func revoke(_ tokens: ProviderTokens) async throws {
        let document = try await discovery.current()
        guard let endpoint = document.revocationEndpoint else { return }
        let client = tokenClient(document)
        // Ending the refresh token ends the grant (RFC 7009 section 2.1); an access token alone is ended where there is no other.
        if let refreshToken = tokens.refreshToken {
            _ = try await client.send(to: endpoint, ["token": refreshToken, "token_type_hint": "refresh_token"])
        } else if let accessToken = tokens.accessToken {
            _ = try await client.send(to: endpoint, ["token": accessToken, "token_type_hint": "access_token"])
        }
    }

    public func endSessionURL(idToken: String?, returnTo: String) async throws -> String? {
        guard let endpoint = try await discovery.current().endSessionEndpoint else { return nil }
        var parameters: [(String, String)] = []
        if let idToken { parameters.append(("id_token_hint", idToken)) }
        parameters += [("client_id", settings.clientID), ("post_logout_redirect_uri", returnTo)]
        return AuthorizationLocation.appending(parameters, to: endpoint)
    }

    private func tokenClient(_ document: DiscoveryDocument) -> TokenEndpointClient {
        TokenEndpointClient(
            clientID: settings.clientID, clientSecret: settings.clientSecret,
            method: TokenEndpointClient.method(advertised: document.tokenEndpointAuthMethods, clientSecret: settings.clientSecret),
            transport: transport)
    }

    private func userinfo(_ document: DiscoveryDocument, accessToken: String?, subject: String?) async throws -> [String: JSONValue] {
        guard let endpoint = document.userinfoEndpoint, let accessToken, TokenEndpointClient.isBearerToken(accessToken) else { return [:] }
        let members = try await ProviderAnswer.object(
            from: transport, TransportRequest(url: endpoint, headers: [.accept: "application/json", .authorization: "Bearer \(accessToken)"]))
        // Core section 5.3.2: an answer about somebody else must not be used.
        if let subject, members["sub"]?.text != subject {
            throw IdentityProviderError.untrustworthyToken("the userinfo endpoint speaks about somebody else")
        }
        return members
    }

    private func person(_ sources: [[String: JSONValue]], tokens: ProviderTokens) throws -> VerifiedPerson {
        func first(_ name: String) -> JSONValue? { sources.lazy.reversed().compactMap { $0[name] }.first { $0 != .null } }
        guard let subject = (first(profile.subjectClaim) ?? first("sub"))?.text, !subject.isEmpty else {
            throw IdentityProviderError.untrustworthyToken("it names no subject")
        }
        return VerifiedPerson(
            subject: subject, email: first("email")?.text ?? "",
            name: first("name")?.text ?? "", claims: ClaimFlattening.flatten(sources), tokens: tokens)
    }

    private func tokens(_ grant: TokenGrant, previous: ProviderTokens?) -> ProviderTokens {
        let refreshToken = grant.refreshToken ?? previous?.refreshToken
        return ProviderTokens(
            idToken: grant.idToken ?? previous?.idToken, accessToken: grant.accessToken, refreshToken: refreshToken,
            accessTokenExpiresAt: grant.accessTokenExpiresAt,
            endsWithAccessToken: profile.sessionEndsWithAccessToken && refreshToken == nil)
    }
}
