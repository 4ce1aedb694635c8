import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records
import Sessions

/// `/.pomerium/sign_out` on route hosts. Applications link here, so a plain GET signs out; what another site embeds does not.
struct SignOutEndpoint: ControlEndpoint {
    let context: AuthenticateContext

    var pattern: EndpointPattern { EndpointPattern(.exact("/.pomerium/sign_out"), on: .routes) }
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        guard SignOutIntent.isGenuine(request) else { return .text("Forbidden\n", status: .forbidden) }
        return try await context.answering(request) {
            var asked = SignOutRequest(endedSessionID: nil, issuedAt: context.clock.seconds)
            if let session = try await context.resolver.routeSession(of: request)?.session {
                asked.endedSessionID = try await SessionEnding(context: context).end(session)
            }
            let sealed = try asked.sealed(with: context.keys)
            var response = ControlResponse.redirect(
                to: "https://\(context.settings.authority)/.pomerium/sign_out?\(SignOutRequest.parameter)=\(sealed)",
                status: request.method == .post ? .seeOther : .found)
            response.setCookie(context.cookies.sessionRemoval())
            return response
        }
    }
}

/// Tells a person who signs out from a page that makes their browser ask for this address as an image, a frame or a script.
enum SignOutIntent {
    static func isGenuine(_ request: ControlRequest) -> Bool {
        guard let destination = request.headers[HTTPField.Name.secFetchDest] else {
            // A browser that sends none of these headers, or no browser. Between sites it sends our cookies with navigations alone.
            return request.headers[HTTPField.Name.secFetchSite].map { $0 == "same-origin" || $0 == "none" } ?? true
        }
        if destination == "document" { return true }
        // fetch() of the application's own script.
        return destination == "empty" && request.headers[HTTPField.Name.secFetchSite] == "same-origin"
    }
}

/// Ends sessions in a way that their tokens can still be revoked.
struct SessionEnding: Sendable {
    let context: AuthenticateContext

    /// Deletes the session, on all hosts and replicas at once. Returns the id of what is left for the provider.
    func end(_ session: Session) async throws -> String {
        let left = EndedSession(
            id: RandomToken.text(), sessionID: session.id, providerID: session.providerID, tokens: session.tokens,
            expiresAt: context.clock.seconds + EndedSession.lifetime)
        try await context.store.put(left)
        try await context.store.delete(Session.self, id: session.id)
        return left.id
    }
}
