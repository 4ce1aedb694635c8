import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records
import Sessions

/// `/.pomerium/callback/` on route hosts: trades a ticket for the session cookie of this host.
struct CallbackEndpoint: ControlEndpoint {
    let context: AuthenticateContext
    /// With and without the final slash.
    let path: String

    var pattern: EndpointPattern { EndpointPattern(.exact(path), on: .any) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        try await context.answering(request) { try await step(request) }
    }

    private func step(_ request: ControlRequest) async throws -> ControlResponse {
        guard
            let ticket = request.queryParameters[CallbackTicket.parameter].flatMap({
                CallbackTicket.open($0, with: context.keys, host: request.host)
            }), context.accepted(ticket.request) != nil
        else { return .redirect(to: "/") }
        let isProgrammatic = ticket.request.programmaticURL != nil
        // A programmatic sign-in begins outside the browser, so no cookie can tell who began it; the token goes to a loopback receiver, and this
        // browser gets none.
        guard isProgrammatic || BrowserCookie.matches(ticket.request.browserDigest, request, context.cookies),
            context.clock.seconds < ticket.expiresAt,
            try await context.store.insertIfAbsent(UsedToken(id: "ticket:\(ticket.id)", expiresAt: ticket.expiresAt))
        else { return try await again(ticket, request) }

        let handle = SessionHandle(sessionID: ticket.sessionID, providerID: ticket.providerID, expiresAt: ticket.sessionExpiresAt)
        let sealed = try handle.sealed(with: context.keys, scope: context.cookies.scope(host: request.host))
        if let url = ticket.request.programmaticURL {
            return .redirect(to: ProgrammaticRedirect.delivering(sealed, to: url))
        }
        var response = ControlResponse.redirect(to: ticket.request.redirectURL)
        response.setCookie(
            context.cookies.sessionCookie(value: sealed, maxAge: max(0, ticket.sessionExpiresAt - context.clock.seconds)))
        return response
    }

    /// The back button, a second click, another browser: whoever is signed in just sees the page, everybody else signs in anew for it.
    private func again(_ ticket: CallbackTicket, _ request: ControlRequest) async throws -> ControlResponse {
        var target = ticket.request
        if target.programmaticURL == nil, let session = try await context.resolver.routeSession(of: request)?.session,
            session.providerID == ticket.providerID
        {
            return .redirect(to: target.redirectURL)
        }
        target.callbackAuthority = request.authority
        target.restarts += 1
        var cookie: ResponseCookie?
        if target.programmaticURL == nil {
            if let value = request.cookies(named: context.cookies.browserName).first {
                target.browserDigest = RandomToken.digest(value)
            } else {
                let made = BrowserCookie.make(context.cookies)
                target.browserDigest = RandomToken.digest(made.value)
                cookie = made.cookie
            }
        }
        var response = ControlResponse.redirect(to: try context.signInURL(target))
        if let cookie { response.setCookie(cookie) }
        return response
    }
}
