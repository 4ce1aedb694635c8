import HTTPEndpoints
import HTTPTypes

/// `/ping` and `/healthz` of the proxy listener: alive, and nothing more.
struct PingEndpoint: ControlEndpoint {
    let pattern: EndpointPattern
    let methods: [HTTPRequest.Method] = [.get]

    init(path: String) {
        pattern = EndpointPattern(.exact(path))
    }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        .text("OK\n")
    }
}
