import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Logging
import Pages
import Records
import Sessions

/// What every endpoint of sign-in needs.
struct AuthenticateContext: Sendable {
    let settings: AuthenticateSettings
    let keys: KeyRing
    let store: any RecordStore
    let clock: WallClock
    let logger: Logger

    var cookies: CookieSettings { settings.cookies }
    var resolver: SessionResolver { SessionResolver(store: store, keys: keys, cookies: cookies, clock: clock) }

    /// Runs an endpoint. A storage fault is "try again", never "signed out".
    func answering(_ request: ControlRequest, _ body: () async throws -> ControlResponse) async throws -> ControlResponse {
        do {
            return try await body()
        } catch let fault as RecordStoreError {
            logger.error("sign-in needs the record store", metadata: ["error": "\(fault)", "request-id": "\(request.requestID)"])
            var response = failure(
                request, status: .serviceUnavailable, title: "Sign-in is not available right now",
                message: "The store that keeps sessions does not answer. Nothing is lost; please try again in a moment.",
                reasonCode: "store-unavailable", retryURL: request.method == .get ? request.target : nil)
            response.headers[.retryAfter] = "5"
            return response
        }
    }

    /// A page that says what went wrong and offers the way on.
    func failure(
        _ request: ControlRequest, status: HTTPResponse.Status, title: String, message: String, reasonCode: String? = nil,
        retryURL: String? = nil
    ) -> ControlResponse {
        let page = ErrorPage(
            status: status.code, title: title, message: message, reasonCode: reasonCode, requestID: request.requestID, retryURL: retryURL)
        return self.page(page.render(branding: settings.branding), status: status)
    }

    /// `formAction`: where forms on the page may lead, redirects after them included.
    func page(_ html: String, status: HTTPResponse.Status = .ok, formAction: [String] = []) -> ControlResponse {
        .html(html, status: status, contentSecurityPolicy: settings.branding.contentSecurityPolicy(formAction: formAction))
    }

    /// The sign-in address for a request, or for none in particular.
    func signInURL(_ target: SignInRequest?) throws -> String {
        guard let target else { return "https://\(settings.authority)\(SignInLocation.path)" }
        return try SignInLocation.url(for: target, authenticateAuthority: settings.authority, keys: keys)
    }

    /// A target that may be sent to: https throughout, and hosts that belong to us.
    func accepted(_ target: SignInRequest?) -> SignInRequest? {
        guard let target, isOurs(target.redirectURL), isOurs("https://\(target.callbackAuthority)"),
            SignInLocation.authority(of: "https://\(target.callbackAuthority)") == target.callbackAuthority
        else { return nil }
        if let url = target.programmaticURL, !ProgrammaticRedirect.isAllowed(url, hosts: settings.programmaticRedirectHosts) { return nil }
        return target
    }

    private func isOurs(_ url: String) -> Bool {
        guard let authority = SignInLocation.authority(of: url), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            return false
        }
        return settings.isKnownHost(SignInLocation.host(ofAuthority: authority))
    }
}
