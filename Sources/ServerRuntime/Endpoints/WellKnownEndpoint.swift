import HTTPEndpoints
import HTTPTypes
import Observability

/// `/.well-known/pomerium`: where this installation's keys and endpoints are (reference: authentication section 1.3).
struct WellKnownEndpoint: ControlEndpoint {
    let pattern: EndpointPattern
    let methods: [HTTPRequest.Method] = [.get]
    let authenticateAuthority: String

    init(path: String, authenticateAuthority: String) {
        pattern = EndpointPattern(.exact(path))
        self.authenticateAuthority = authenticateAuthority
    }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        let origin = "https://\(request.authority)"
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in [
            ("issuer", "\(origin)/"), ("authentication_callback_endpoint", "https://\(authenticateAuthority)/oauth2/callback"),
            ("jwks_uri", "\(origin)/.well-known/pomerium/jwks.json"), ("frontchannel_logout_uri", "\(origin)/.pomerium/sign_out"),
        ] {
            writer.key(named: key)
            writer.string(value)
        }
        writer.endObject()
        writer.newline()
        var response = ControlResponse.json(writer.bytes)
        response.headers[.accessControlAllowOrigin] = "*"
        return response
    }
}
