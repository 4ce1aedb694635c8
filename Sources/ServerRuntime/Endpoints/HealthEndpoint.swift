import HTTPEndpoints
import HTTPTypes
import Observability

/// `/status`, `/startupz`, `/readyz` and `/healthz` of the health listener (reference: authentication section 1.5).
struct HealthEndpoint: ControlEndpoint {
    enum Kind {
        case status
        case probe(HealthRegistry.Probe)
    }

    let pattern: EndpointPattern
    let methods: [HTTPRequest.Method] = [.get]
    private let kind: Kind
    private let registry: HealthRegistry

    init(_ path: String, _ kind: Kind, _ registry: HealthRegistry) {
        pattern = EndpointPattern(.exact(path))
        self.kind = kind
        self.registry = registry
    }

    static func all(_ registry: HealthRegistry) -> [any ControlEndpoint] {
        [
            HealthEndpoint("/status", .status, registry), HealthEndpoint("/startupz", .probe(.startup), registry),
            HealthEndpoint("/readyz", .probe(.ready), registry), HealthEndpoint("/healthz", .probe(.live), registry),
        ]
    }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        switch kind {
        case .status: return .json(registry.statusDocument())
        case .probe(let probe):
            let result = registry.probe(probe)
            return .json(HealthRegistry.document(result.checks), status: result.passes ? .ok : .serviceUnavailable)
        }
    }
}
