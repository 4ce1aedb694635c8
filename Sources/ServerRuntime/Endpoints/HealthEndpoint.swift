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
    private let memory: MemoryWatch

    init(_ path: String, _ kind: Kind, _ registry: HealthRegistry, _ reloads: ReloadStatus, _ memory: MemoryWatch) {
        pattern = EndpointPattern(.exact(path))
        self.kind = kind
        self.registry = registry
        self.reloads = reloads
        self.memory = memory
    }

    static func all(_ registry: HealthRegistry, _ reloads: ReloadStatus, _ memory: MemoryWatch) -> [any ControlEndpoint] {
        let kinds: [(String, Kind)] = [
            ("/status", .status), ("/startupz", .probe(.startup)), ("/readyz", .probe(.ready)), ("/healthz", .probe(.live)),
        ]
        return kinds.map { HealthEndpoint($0, $1, registry, reloads, memory) }
    }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        switch kind {
        case .status:
            return .json(
                registry.statusDocument { writer in
                    reloads.current.write(to: &writer)
                    memory.current.write(to: &writer)
                })
        case .probe(let probe):
            let result = registry.probe(probe)
            return .json(HealthRegistry.document(result.checks), status: result.passes ? .ok : .serviceUnavailable)
        }
    }
}
