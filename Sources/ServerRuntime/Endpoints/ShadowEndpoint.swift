import BrokerStorage
import Decisions
import HTTPEndpoints
import HTTPTypes
import Records

/// `/api/v1/shadow` of the authenticate host: who would gain or lose access by the shadow policies; `route` names one route.
struct ShadowEndpoint: ControlEndpoint {
    let pattern = EndpointPattern(.exact("/api/v1/shadow"), on: .authenticate)
    let methods: [HTTPRequest.Method] = [.get]
    let gate: AdministratorGate
    let archive: DecisionArchive?
    let queue: DecisionQueue

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        if let refusal = try await gate.refusal(of: request) { return refusal }
        let route = request.queryParameters["route"].flatMap { $0.isEmpty ? nil : $0 }
        let findings = try await archive?.findings(route: route) ?? []
        return .json(Array(ShadowReport.json(findings, counts: queue.shadowCounts).utf8))
    }
}
