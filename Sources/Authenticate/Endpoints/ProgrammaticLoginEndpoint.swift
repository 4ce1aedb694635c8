import HTTPEndpoints
import HTTPTypes
import Sessions

/// `/.pomerium/api/v1/login` on route hosts: gives a command line the address to open in a browser (reference section 4.2).
struct ProgrammaticLoginEndpoint: ControlEndpoint {
    let context: AuthenticateContext

    var pattern: EndpointPattern { EndpointPattern(.exact("/.pomerium/api/v1/login"), on: .routes) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        guard let url = request.queryParameters["pomerium_redirect_uri"] else { return .text("Not Found\n", status: .notFound) }
        let target = SignInRequest(
            redirectURL: "https://\(request.authority)/", callbackAuthority: request.authority, browserDigest: "",
            providerID: context.settings.providerIDForHost(request.host) ?? context.settings.defaultProviderID, programmaticURL: url)
        guard let target = context.accepted(target) else {
            return context.failure(
                request, status: .badRequest, title: "Invalid redirect URI", message: "invalid redirect uri", reasonCode: "invalid-redirect-uri")
        }
        return .text(try context.signInURL(target))
    }
}
