import HTTPEndpoints
import HTTPTypes
import IdentityProviders
import KeyMaterial
import Logging
import Pages
import Records
import Sessions

/// Decides the next step of a sign-in. Steps never lead to one another: they come back here.
///
/// Nothing on the way is a dead end. What a new try can heal is tried anew, counted, and a browser that keeps no cookies is told so instead of
/// being sent round for ever.
struct SignInDispatcher: Sendable {
    let context: AuthenticateContext

    private var settings: AuthenticateSettings { context.settings }

    /// The next step for a browser that wants to `target`: the ticket, when it is signed in here already, or else the provider.
    func next(_ target: SignInRequest?, restarts: Int, request: ControlRequest) async throws -> ControlResponse {
        let target = context.accepted(target)
        guard restarts <= SignInRequest.maximumRestarts else { return try cookiesRequired(target, request) }
        guard let provider = settings.provider(target?.providerID) else {
            return context.failure(
                request, status: .serviceUnavailable, title: "Nobody can sign in here yet",
                message: "No identity provider is configured. The administrator needs to set one up.", reasonCode: "no-identity-provider")
        }
        if target?.switchesUser != true, let session = try await liveSession(of: request, provider: provider) {
            return try finish(target, session: session)
        }
        return try await startProvider(provider, target: target, restarts: restarts, request: request)
    }

    /// The browser's own session, when this provider vouched for it.
    func liveSession(of request: ControlRequest, provider: any IdentityProvider) async throws -> Session? {
        guard let session = try await context.resolver.authenticateSession(of: request)?.session, session.providerID == provider.id else {
            return nil
        }
        return session
    }

    /// Back to where the person wanted to go.
    func finish(_ target: SignInRequest?, session: Session) throws -> ControlResponse {
        guard var target = context.accepted(target) else { return .redirect(to: settings.homeURL) }
        // Whoever signed in now is the one who was wanted.
        target.switchesUser = nil
        let ticket = CallbackTicket(
            id: RandomToken.text(), request: target, sessionID: session.id, providerID: session.providerID,
            sessionExpiresAt: session.expiresAt, expiresAt: context.clock.seconds + CallbackTicket.lifetime)
        let sealed = try ticket.sealed(with: context.keys, host: SignInLocation.host(ofAuthority: target.callbackAuthority))
        return .redirect(to: "https://\(target.callbackAuthority)/.pomerium/callback/?\(CallbackTicket.parameter)=\(sealed)")
    }

    /// The page for a provider that did not vouch; its button starts the same sign-in anew.
    func providerFailure(
        _ error: any Error, provider: any IdentityProvider, target: SignInRequest?, request: ControlRequest
    ) throws -> ControlResponse {
        context.logger.warning(
            "the identity provider did not vouch for anybody",
            metadata: ["provider": "\(provider.name)", "error": "\(error)", "request-id": "\(request.requestID)"])
        var again = context.accepted(target)
        again?.restarts = 0
        let unreachable = if case IdentityProviderError.unreachable = error { true } else { false }
        var response = context.failure(
            request, status: unreachable ? .serviceUnavailable : .badGateway, title: "Sign-in did not work",
            message: Self.sentence("\(error)"),
            reasonCode: unreachable ? "identity-provider-unreachable" : "identity-provider-failed", retryURL: try context.signInURL(again))
        if unreachable { response.headers[.retryAfter] = "5" }
        return response
    }

    private func startProvider(
        _ provider: any IdentityProvider, target: SignInRequest?, restarts: Int, request: ControlRequest
    ) async throws -> ControlResponse {
        let now = context.clock.seconds
        let secret = RandomToken.text()
        let verifier = RandomToken.text(bytes: 32)
        let attemptID = AttemptCookies.newID(now: now)
        var value = AttemptCookieValue(secret: secret)
        var stated = target
        if var long = target {
            try value.takeLongURL(of: &long, attemptID: attemptID, keys: context.keys)
            stated = long
        }
        let state = ProviderState(
            attemptID: attemptID, target: stated, restarts: restarts, nonce: RandomToken.text(), codeVerifier: verifier,
            issuedAt: now, providerID: provider.id, secretDigest: RandomToken.digest(secret))
        let attempt = AuthorizationAttempt(
            state: try state.sealed(with: context.keys), nonce: state.nonce, codeChallenge: RandomToken.digest(verifier),
            redirectURI: settings.callbackURL, promptsLogin: target?.switchesUser == true)
        var response: ControlResponse
        do {
            response = .redirect(to: try await provider.authorizationURL(for: attempt))
        } catch {
            return try providerFailure(error, provider: provider, target: target, request: request)
        }
        let attempts = AttemptCookies(cookies: context.cookies)
        for cookie in attempts.begin(attemptID, value: value.text, crossSite: provider.answersByFormPost, request: request) {
            response.setCookie(cookie)
        }
        if request.cookies(named: context.cookies.browserName).isEmpty { response.setCookie(BrowserCookie.make(context.cookies).cookie) }
        return response
    }

    private func cookiesRequired(_ target: SignInRequest?, _ request: ControlRequest) throws -> ControlResponse {
        var again = target
        again?.restarts = 0
        let page = CookiesRequiredPage(
            host: target.map { "\(settings.host), \(SignInLocation.host(ofAuthority: $0.callbackAuthority))" } ?? settings.host,
            retryURL: try context.signInURL(again), requestID: request.requestID)
        return context.page(page.render(branding: settings.branding), status: .badRequest)
    }

    /// Operator texts start in lower case and end without a period.
    private static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst() + "."
    }
}
