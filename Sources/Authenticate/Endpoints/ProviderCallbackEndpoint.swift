import HTTPEndpoints
import HTTPTypes
import IdentityProviders
import Logging
import Pages
import Records
import Sessions

/// `/oauth2/callback` on the authenticate host: the way back from the identity provider.
struct ProviderCallbackEndpoint: ControlEndpoint {
    let context: AuthenticateContext
    let dispatcher: SignInDispatcher

    var pattern: EndpointPattern { EndpointPattern(.exact("/oauth2/callback"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        try await context.answering(request) { try await step(request) }
    }

    private func step(_ request: ControlRequest) async throws -> ControlResponse {
        let parameters = request.method == .post ? request.formParameters : request.queryParameters
        guard var state = parameters["state"].flatMap({ ProviderState.open($0, with: context.keys) }) else {
            if let code = parameters["error"], try await context.resolver.authenticateSession(of: request) == nil {
                return try refusedWithoutState(code, request)
            }
            // Nobody knows any more where this was to lead. Who is signed in sees so, everybody else signs in without a target.
            return try await dispatcher.next(nil, restarts: 0, request: request)
        }
        let attempt = AttemptCookies(cookies: context.cookies).value(for: state, in: request)
        if let attempt { state.target = attempt.completing(state.target, attemptID: state.attemptID, keys: context.keys) }
        guard let provider = context.settings.providers[state.providerID] else { return try await restart(state, request) }
        if state.target?.switchesUser != true, let session = try await dispatcher.liveSession(of: request, provider: provider) {
            // Another tab was faster. The code stays unused.
            return ended(state, try dispatcher.finish(state.target, session: session))
        }
        guard attempt != nil, context.clock.seconds < state.issuedAt + ProviderState.lifetime else {
            return try await restart(state, request)
        }
        if let code = parameters["error"] {
            return ended(state, try refused(code, parameters["error_description"], state, provider, request))
        }
        guard let code = parameters["code"], !code.isEmpty else { return try await restart(state, request) }
        return try await redeem(code, state, provider, request)
    }

    private func redeem(
        _ code: String, _ state: ProviderState, _ provider: any IdentityProvider, _ request: ControlRequest
    ) async throws -> ControlResponse {
        let person: VerifiedPerson
        do {
            person = try await provider.redeem(
                code: code,
                for: CodeRedemption(nonce: state.nonce, codeVerifier: state.codeVerifier, redirectURI: context.settings.callbackURL))
        } catch IdentityProviderError.grantRefused {
            return try await restart(state, request)
        } catch IdentityProviderError.nonceMismatch {
            return try await restart(state, request)
        } catch {
            return ended(state, try dispatcher.providerFailure(error, provider: provider, target: state.target, request: request))
        }
        let (session, cookie) = try await SessionIssuer(context: context).issue(for: person, provider: provider, request: request)
        context.logger.info(
            "signed in",
            metadata: [
                "user-id": "\(person.subject)", "email": "\(person.email)", "session-id": "\(session.id)", "provider": "\(provider.name)",
                "request-id": "\(request.requestID)", "ip": "\(request.clientAddress)",
            ])
        var response = ended(state, try dispatcher.finish(state.target, session: session))
        response.setCookie(cookie)
        return response
    }

    /// The same sign-in from the start, counted.
    private func restart(_ state: ProviderState, _ request: ControlRequest) async throws -> ControlResponse {
        var target = state.target
        target?.restarts = state.restarts + 1
        return ended(state, try await dispatcher.next(target, restarts: state.restarts + 1, request: request))
    }

    private func refused(
        _ code: String, _ description: String?, _ state: ProviderState, _ provider: any IdentityProvider, _ request: ControlRequest
    ) throws -> ControlResponse {
        let shown = String(code.prefix(80))
        let isDenial = code == "access_denied" || code == "unauthorized_client"
        context.logger.notice(
            "the identity provider refused the sign-in",
            metadata: [
                "provider": "\(provider.name)", "error": "\(shown)", "description": "\((description ?? "").prefix(300))",
                "request-id": "\(request.requestID)",
            ])
        let detail = description.map { $0.isEmpty ? "" : " (\($0.prefix(300)))" } ?? ""
        return context.failure(
            request, status: isDenial ? .unauthorized : .badRequest, title: "The identity provider did not sign you in",
            message: "It answered: \(shown)\(detail).", reasonCode: shown, retryURL: try again(state))
    }

    /// Some providers drop the state when they refuse. Sending the browser back there at once could go on for ever.
    private func refusedWithoutState(_ code: String, _ request: ControlRequest) throws -> ControlResponse {
        context.failure(
            request, status: .unauthorized, title: "The identity provider did not sign you in",
            message: "It answered: \(code.prefix(80)).", reasonCode: "identity-provider-refused", retryURL: try context.signInURL(nil))
    }

    private func again(_ state: ProviderState) throws -> String {
        var target = context.accepted(state.target)
        target?.restarts = 0
        return try context.signInURL(target)
    }

    private func ended(_ state: ProviderState, _ response: ControlResponse) -> ControlResponse {
        var response = response
        response.setCookie(AttemptCookies(cookies: context.cookies).end(state))
        return response
    }
}
