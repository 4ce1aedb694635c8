import HTTPEndpoints
import HTTPTypes

/// `/` of the authenticate host.
struct HomeRedirectEndpoint: ControlEndpoint {
    let context: AuthenticateContext

    var pattern: EndpointPattern { EndpointPattern(.exact("/"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        .redirect(to: "/.pomerium/")
    }
}

/// `/robots.txt` of the authenticate host: nothing here is for search engines.
struct RobotsEndpoint: ControlEndpoint {
    var pattern: EndpointPattern { EndpointPattern(.exact("/robots.txt"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        .text("User-agent: *\nDisallow: /\n")
    }
}
