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
    private let reloads: ReloadStatus

    init(_ path: String, _ kind: Kind, _ registry: HealthRegistry, _ reloads: ReloadStatus) {
        pattern = EndpointPattern(.exact(path))
        self.kind = kind
        self.registry = registry
        self.reloads = reloads
    }

    static func all(_ registry: HealthRegistry, _ reloads: ReloadStatus) -> [any ControlEndpoint] {
        let kinds: [(String, Kind)] = [
            ("/status", .status), ("/startupz", .probe(.startup)), ("/readyz", .probe(.ready)), ("/healthz", .probe(.live)),
        ]
        return kinds.map { HealthEndpoint($0, $1, registry, reloads) }
    }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        switch kind {
        case .status: return .json(registry.statusDocument { reloads.current.write(to: &$0) })
        case .probe(let probe):
            let result = registry.probe(probe)
            return .json(HealthRegistry.document(result.checks), status: result.passes ? .ok : .serviceUnavailable)
        }
    }
}
