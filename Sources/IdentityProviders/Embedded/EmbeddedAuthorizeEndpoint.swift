import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Pages
import Records
import Sessions

/// `/.pomerium/idp/authorize`: shows the form, checks the password, hands out codes.
///
/// The request stays in the address of the page, so a form may lie open for days: nothing on it expires but its cookie, and then the page comes
/// back with a word of explanation and the e-mail address still in it.
struct EmbeddedAuthorizeEndpoint: ControlEndpoint {
    private static let formName = "idp-sign-in"

    let provider: EmbeddedProvider

    var pattern: EndpointPattern { EndpointPattern(.exact("\(EmbeddedProvider.path)/authorize"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        let asked: EmbeddedAuthorizationRequest
        do {
            asked = try EmbeddedAuthorizationRequest(request.queryParameters, provider: provider)
        } catch {
            return refusal(error, request)
        }
        return request.method == .post ? try await submitted(asked, request) : try await opened(asked, request)
    }

    // MARK: GET

    private func opened(_ asked: EmbeddedAuthorizationRequest, _ request: ControlRequest) async throws -> ControlResponse {
        if !asked.promptsLogin, let (user, signOn) = try await currentUser(of: request),
            asked.maximumAge.map({ provider.clock.seconds - signOn.authenticatedAt <= $0 }) ?? true
        {
            return try answer(asked, user: user, authenticatedAt: signOn.authenticatedAt, status: .found)
        }
        if asked.promptsNone {
            return refusal(
                .client(redirectURI: asked.redirectURI, state: asked.state, code: "login_required", description: "nobody is signed in"), request)
        }
        return form(request, email: asked.loginHint)
    }

    private func currentUser(of request: ControlRequest) async throws -> (LocalUser, EmbeddedSignOn)? {
        for value in request.cookies(named: provider.cookies.providerName).prefix(4) {
            guard let signOn = EmbeddedSignOn.open(value, with: provider.keys, host: request.host, now: provider.clock.seconds),
                let user = try await provider.directory.user(email: signOn.email), user.subject == signOn.subject,
                user.passwordStamp == signOn.passwordStamp
            else { continue }
            return (user, signOn)
        }
        return nil
    }

    // MARK: POST

    private func submitted(_ asked: EmbeddedAuthorizationRequest, _ request: ControlRequest) async throws -> ControlResponse {
        let fields = request.formParameters
        let email = String((fields[SignInFormPage.emailField] ?? "").prefix(254))
        let password = fields[SignInFormPage.passwordField] ?? ""
        guard SameOriginCheck.passes(request), token.isPresent(in: request, form: Self.formName) else {
            let notice = "This page had been open for a while. Please sign in once more."
            let hint = " If it comes back again, your browser keeps no cookies for \(request.host): allow them to sign in."
            let keepsCookies = !request.cookies(named: provider.cookies.formName).isEmpty
            return form(request, email: email, notice: keepsCookies ? notice : notice + hint, status: .forbidden)
        }
        let account = LocalUserDirectory.normalized(email)
        if let seconds = await provider.throttle.admit(account: account, address: request.clientAddress) {
            return throttled(request, email: email, seconds: seconds)
        }
        let verified: LocalUser?
        do {
            verified = try await provider.directory.verify(email: email, password: password)
        } catch {
            await provider.throttle.withdraw(account: account, address: request.clientAddress)
            guard error is PasswordHasher.Busy else { throw error }
            var response = form(
                request, email: email, notice: "Many people are signing in right now. Please try again in a moment.", status: .serviceUnavailable)
            response.headers[.retryAfter] = "2"
            return response
        }
        guard let user = verified else {
            return form(request, email: email, error: "The e-mail address or the password is not right.", status: .unauthorized)
        }
        await provider.throttle.succeeded(account: account, address: request.clientAddress)
        let now = provider.clock.seconds
        let signOn = EmbeddedSignOn(email: user.email, subject: user.subject, passwordStamp: user.passwordStamp, authenticatedAt: now)
        var response = try answer(asked, user: user, authenticatedAt: now, status: .seeOther)
        response.setCookie(
            ResponseCookie(
                name: provider.cookies.providerName, value: try signOn.sealed(with: provider.keys, host: request.host),
                maxAge: EmbeddedSignOn.lifetime))
        return response
    }

    // MARK: Answers

    private func answer(
        _ asked: EmbeddedAuthorizationRequest, user: LocalUser, authenticatedAt: Int64, status: HTTPResponse.Status
    ) throws -> ControlResponse {
        let code = EmbeddedAuthorizationCode(
            id: RandomToken.text(), clientID: asked.client.id, redirectURI: asked.redirectURI, codeChallenge: asked.codeChallenge,
            nonce: asked.nonce, scopes: asked.scopes, email: user.email, subject: user.subject, passwordStamp: user.passwordStamp,
            authenticatedAt: authenticatedAt, expiresAt: provider.clock.seconds + EmbeddedAuthorizationCode.lifetime)
        return sendBack([("code", try code.sealed(with: provider.keys))], to: asked.redirectURI, state: asked.state, status: status)
    }

    private func sendBack(
        _ parameters: [(String, String)], to redirectURI: String, state: String?, status: HTTPResponse.Status
    ) -> ControlResponse {
        var parameters = parameters
        if let state { parameters.append(("state", state)) }
        parameters.append(("iss", provider.issuer))
        return .redirect(to: AuthorizationLocation.appending(parameters, to: redirectURI), status: status)
    }

    private func refusal(_ refusal: EmbeddedAuthorizationRequest.Refusal, _ request: ControlRequest) -> ControlResponse {
        switch refusal {
        case .page(let message):
            let page = ErrorPage(status: 400, title: "This sign-in link is not valid", message: message, requestID: request.requestID)
            return .html(
                page.render(branding: provider.branding), status: .badRequest, contentSecurityPolicy: provider.branding.contentSecurityPolicy())
        case .client(let redirectURI, let state, let code, let description):
            return sendBack([("error", code), ("error_description", description)], to: redirectURI, state: state, status: .found)
        }
    }

    private var token: FormToken { FormToken(keys: provider.keys, cookies: provider.cookies) }

    private func form(
        _ request: ControlRequest, email: String, error: String? = nil, notice: String? = nil, throttledUntil: String? = nil,
        status: HTTPResponse.Status = .ok
    ) -> ControlResponse {
        let (value, cookie) = token.issue(for: request, form: Self.formName)
        let page = SignInFormPage(
            action: "\(request.path)?\(request.queryParameters.encoded)", hiddenFields: [FormField(name: FormToken.field, value: value)],
            email: email, errorText: error, noticeText: notice, throttledUntil: throttledUntil, requestID: request.requestID)
        let policy = provider.branding.contentSecurityPolicy(formAction: Branding.formsThatLeadAnywhere)
        var response = ControlResponse.html(page.render(branding: provider.branding), status: status, contentSecurityPolicy: policy)
        if let cookie { response.setCookie(cookie) }
        return response
    }

    private func throttled(_ request: ControlRequest, email: String, seconds: Int64) -> ControlResponse {
        let words = seconds == 1 ? "1 second" : "\(seconds) seconds"
        var response = form(request, email: email, throttledUntil: words, status: .tooManyRequests)
        response.headers[.retryAfter] = String(seconds)
        return response
    }
}
