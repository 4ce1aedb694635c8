import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import LocalReplies
import Observability
import PolicyLanguage
import Sessions

/// For endpoints that need a session: finds it, or asks for sign-in in the client's form.
struct SignInGate {
    private let settings: AuthorizeSettings

    init(_ settings: AuthorizeSettings) {
        self.settings = settings
    }

    func session(of request: ControlRequest, _ resolver: SessionResolver) async throws -> ResolvedSession? {
        let authenticateHost = SignInLocation.host(ofAuthority: settings.authenticateAuthority)
        return request.host == authenticateHost
            ? try await resolver.authenticateSession(of: request) : try await resolver.routeSession(of: request)
    }

    /// 302 to sign-in for a page load, else 401 with `login_url`.
    func ask(_ request: ControlRequest) throws -> ControlResponse {
        let step = try SignInRedirector(settings).step(
            authority: request.authority, target: request.target, browserCookie: request.cookies(named: settings.cookies.browserName).first)
        let hints = ReplyForm.Hints(request.headers)
        var response: ControlResponse
        if hints.isNavigation {
            response = .redirect(to: step.location)
        } else {
            let reply = LocalReply(
                status: 401, title: "Unauthenticated", message: "Sign in to use this address.", reasonCode: Reason.userUnauthenticated.rawValue,
                detail: ResponseCodeDetail.directResponse.rawValue, loginURL: step.location, headers: [("www-authenticate", "Pomerium")])
            response = ControlResponse(settings.renderer.render(reply, as: ReplyForm.choose(for: hints), requestID: request.requestID))
        }
        if let cookie = step.cookie { response.setCookie(cookie) }
        return response
    }
}
