import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Pages
import Sessions

/// `/.pomerium/idp/end_session` (OpenID Connect RP-Initiated Logout 1.0).
///
/// With an ID token of this provider as a hint the browser is signed out at once; without one it is asked first.
struct EmbeddedEndSessionEndpoint: ControlEndpoint {
    private static let formName = "idp-sign-out"

    let provider: EmbeddedProvider

    var pattern: EndpointPattern { EndpointPattern(.exact("\(EmbeddedProvider.path)/end_session"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        var parameters = request.queryParameters
        for pair in request.formParameters.pairs { parameters.append(pair.name, pair.value) }
        let token = FormToken(keys: provider.keys, cookies: provider.cookies)
        let confirmed = request.method == .post && SameOriginCheck.passes(request) && token.isPresent(in: request, form: Self.formName)
        let hinted = hintedClient(parameters["id_token_hint"])
        guard confirmed || hinted != nil else { return confirmation(request, parameters, token) }

        let client = hinted ?? provider.client(parameters["client_id"])
        var response: ControlResponse
        if let target = parameters["post_logout_redirect_uri"], let client, client.postLogoutRedirectURIs.contains(target) {
            let state = parameters["state"].map { [("state", $0)] } ?? []
            response = .redirect(to: AuthorizationLocation.appending(state, to: target), status: request.method == .post ? .seeOther : .found)
        } else {
            response = .html(
                SignedOutPage(signInURL: "/.pomerium/", requestID: request.requestID).render(branding: provider.branding),
                contentSecurityPolicy: provider.branding.contentSecurityPolicy())
        }
        response.setCookie(EmbeddedProvider.signOutCookie(provider.cookies))
        return response
    }

    /// The client that an ID token of ours was made for. It may have expired: it is a hint, not a credential (section 4).
    private func hintedClient(_ token: String?) -> EmbeddedClient? {
        let jwk = provider.signingKey.jwk
        let members = ["kty": jwk.kty, "crv": jwk.crv, "x": jwk.x, "y": jwk.y, "alg": jwk.alg, "kid": jwk.kid].compactMapValues { $0 }
        guard let token, let jws = try? CompactJWS(token), let key = VerificationKey(members.mapValues { .string($0) }),
            jws.isSigned(byOneOf: [key]), let claims = JSONValue.object(from: jws.payload), claims["iss"]?.text == provider.issuer
        else { return nil }
        return provider.client(claims["aud"]?.text)
    }

    private func confirmation(_ request: ControlRequest, _ parameters: FormParameters, _ token: FormToken) -> ControlResponse {
        let (value, cookie) = token.issue(for: request, form: Self.formName)
        var fields = [FormField(name: FormToken.field, value: value)]
        for name in ["client_id", "post_logout_redirect_uri", "state"] {
            if let text = parameters[name] { fields.append(FormField(name: name, value: text)) }
        }
        let page = SignOutConfirmPage(
            form: FormTarget(action: request.path, hiddenFields: fields), cancelURL: "/.pomerium/", requestID: request.requestID)
        var response = ControlResponse.html(
            page.render(branding: provider.branding),
            contentSecurityPolicy: provider.branding.contentSecurityPolicy(formAction: ["'self'", "https:"]))
        if let cookie { response.setCookie(cookie) }
        return response
    }
}
