import Foundation
public import HTTPEndpoints
public import HTTPTypes
import LocalReplies
import Pages
import Records
public import Sessions

/// `/.pomerium/`: who am I. On route hosts by the route cookie, on the authenticate host by its own.
public struct UserInfoEndpoint: ControlEndpoint {
    public let pattern: EndpointPattern
    public let methods: [HTTPRequest.Method] = [.get]
    private let resolver: SessionResolver
    private let settings: AuthorizeSettings
    private let isAuthenticateHost: Bool

    public init(resolver: SessionResolver, settings: AuthorizeSettings, onAuthenticateHost: Bool) {
        self.resolver = resolver
        self.settings = settings
        isAuthenticateHost = onAuthenticateHost
        pattern = EndpointPattern(.exact("/.pomerium/"), on: onAuthenticateHost ? .authenticate : .routes)
    }

    public func respond(to request: ControlRequest) async throws -> ControlResponse {
        let branding = settings.renderer.branding
        let resolved =
            isAuthenticateHost ? try await resolver.authenticateSession(of: request) : try await resolver.routeSession(of: request)
        guard let resolved else {
            let step = try SignInRedirector(settings).step(
                authority: request.authority, target: "/.pomerium/", browserCookie: request.cookies(named: settings.cookies.browserName).first)
            let page = UserInfoPage(.anonymous(signInURL: step.location), requestID: request.requestID)
            var response = ControlResponse.html(
                page.render(branding: branding), contentSecurityPolicy: branding.contentSecurityPolicy(formAction: ["'self'"]))
            if let cookie = step.cookie { response.setCookie(cookie) }
            return response
        }
        let active = ActiveSession(session: resolved.session, user: resolved.user)
        let claims = resolved.session.claims.keys.sorted().map { NamedValue(name: $0, value: resolved.session.claims.joined($0) ?? "") }
        let user = UserInfoPage.User(
            id: resolved.session.userID, email: active.email, name: active.displayName, groups: active.groups, claims: claims,
            sessionID: resolved.session.id, expiresAt: Date(timeIntervalSince1970: TimeInterval(resolved.session.expiresAt)),
            signOut: FormTarget(action: "/.pomerium/sign_out"), routesURL: isAuthenticateHost ? nil : "/.pomerium/routes")
        let page = UserInfoPage(.signedIn(user), requestID: request.requestID)
        // Signing out leads over the authenticate host and on to the provider.
        return .html(
            page.render(branding: branding), contentSecurityPolicy: branding.contentSecurityPolicy(formAction: Branding.formsThatLeadAnywhere))
    }
}
