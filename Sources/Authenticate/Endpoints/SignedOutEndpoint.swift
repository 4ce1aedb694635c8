import HTTPEndpoints
import HTTPTypes
import Pages

/// `/.pomerium/signed_out` on the authenticate host; registered at identity providers as the place to return to.
struct SignedOutEndpoint: ControlEndpoint {
    let context: AuthenticateContext

    var pattern: EndpointPattern { EndpointPattern(.exact("/.pomerium/signed_out"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        if let target = context.settings.signOutRedirectURL { return .redirect(to: target) }
        let page = SignedOutPage(signInURL: context.settings.homeURL, requestID: request.requestID)
        return context.page(page.render(branding: context.settings.branding))
    }
}
