import HTTPEndpoints
import HTTPTypes
import IdentityProviders
import KeyMaterial
import Logging
import Pages
import Records
import Sessions

/// `/.pomerium/sign_out` on the authenticate host: ends the session here and at the provider. Asked for by a route host it acts at once, else it
/// asks the person first.
struct AuthenticateSignOutEndpoint: ControlEndpoint {
    private static let formName = "sign-out"
    /// How long a sign-out waits for the provider.
    static let providerLimit: Duration = .seconds(3)

    let context: AuthenticateContext

    var pattern: EndpointPattern { EndpointPattern(.exact("/.pomerium/sign_out"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        try await context.answering(request) {
            let token = FormToken(keys: context.keys, cookies: context.cookies)
            if request.method == .post, SameOriginCheck.passes(request), token.isPresent(in: request, form: Self.formName) {
                return try await signOut(SignOutRequest(endedSessionID: nil, issuedAt: context.clock.seconds), request)
            }
            if request.method == .get, SignOutIntent.isGenuine(request),
                let asked = request.queryParameters[SignOutRequest.parameter].flatMap({
                    SignOutRequest.open($0, with: context.keys, now: context.clock.seconds)
                })
            {
                return try await signOut(asked, request)
            }
            return try await confirm(request, token)
        }
    }

    private func signOut(_ asked: SignOutRequest, _ request: ControlRequest) async throws -> ControlResponse {
        var ended: [EndedSession] = []
        if let id = asked.endedSessionID, let left = try await context.store.get(EndedSession.self, id: id) {
            ended.append(left)
            try await context.store.delete(EndedSession.self, id: id)
        }
        if let own = try await context.resolver.authenticateSession(of: request)?.session {
            try await context.store.delete(Session.self, id: own.id)
            ended.append(
                EndedSession(id: "", sessionID: own.id, providerID: own.providerID, tokens: own.tokens, expiresAt: context.clock.seconds))
        }
        let sessions = ended
        async let revoked: Void? = TimeLimit.run(Self.providerLimit) { for session in sessions { await revoke(session) } }
        async let place = TimeLimit.run(Self.providerLimit) { await providerSignOut(sessions.first) }
        let target = await place.flatMap { $0 } ?? context.settings.signOutRedirectURL ?? context.settings.signedOutURL
        _ = await revoked
        var response = ControlResponse.redirect(to: target, status: request.method == .post ? .seeOther : .found)
        response.setCookie(.removal(of: context.cookies.authenticateName))
        if context.settings.embeddedProviderID != nil { response.setCookie(EmbeddedProvider.signOutCookie(context.cookies)) }
        // The authenticate host may serve routes as well.
        if !request.cookies(named: context.cookies.sessionName).isEmpty { response.setCookie(context.cookies.sessionRemoval()) }
        return response
    }

    /// Best effort: the session is gone whatever the provider says.
    private func revoke(_ session: EndedSession) async {
        guard let provider = context.settings.providers[session.providerID] else { return }
        do {
            try await provider.revoke(session.tokens)
        } catch {
            context.logger.notice(
                "the identity provider did not revoke the tokens", metadata: ["provider": "\(provider.name)", "error": "\(error)"])
        }
    }

    private func providerSignOut(_ session: EndedSession?) async -> String? {
        guard let session, let provider = context.settings.providers[session.providerID] else { return nil }
        return try? await provider.endSessionURL(
            idToken: session.tokens.idToken, returnTo: context.settings.signOutRedirectURL ?? context.settings.signedOutURL)
    }

    private func confirm(_ request: ControlRequest, _ token: FormToken) async throws -> ControlResponse {
        guard let current = try await context.resolver.authenticateSession(of: request) else {
            return .redirect(to: context.settings.signedOutURL, status: request.method == .post ? .seeOther : .found)
        }
        let (value, cookie) = token.issue(for: request, form: Self.formName)
        let page = SignOutConfirmPage(
            form: FormTarget(action: request.path, hiddenFields: [FormField(name: FormToken.field, value: value)]),
            signedInAs: current.user.map { $0.email.isEmpty ? $0.name : $0.email }, cancelURL: context.settings.homeURL,
            requestID: request.requestID)
        var response = context.page(page.render(branding: context.settings.branding), formAction: Branding.formsThatLeadAnywhere)
        if let cookie { response.setCookie(cookie) }
        return response
    }
}
