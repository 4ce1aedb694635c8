import BrokerStorage
import Decisions
import HTTPEndpoints
import HTTPTypes
import PolicyLanguage
import Records

/// `/api/v1/decisions/ID` of the authenticate host: one kept decision, explained.
struct DecisionEndpoint: ControlEndpoint {
    static let prefix = "/api/v1/decisions/"

    let pattern = EndpointPattern(.prefix(prefix), on: .authenticate)
    let methods: [HTTPRequest.Method] = [.get]
    let gate: AdministratorGate
    let archive: DecisionArchive?

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        if let refusal = try await gate.refusal(of: request) { return refusal }
        let id = String(request.path.dropFirst(Self.prefix.count)).lowercased()
        guard let archive, let decision = try await archive.decision(id: id) else {
            return gate.answer(request, 404, "Not Found", "No decision with this request id is kept.", "unknown-decision")
        }
        return .json(Array(DecisionExplanation(decision, policy: try await archive.policy(id: decision.policyID)).json.utf8))
    }
}

/// `/api/v1/decisions` of the authenticate host: kept decisions, newest first, by `since`, `route`, `user`, `outcome` and `limit`.
struct DecisionsEndpoint: ControlEndpoint {
    let pattern = EndpointPattern(.exact("/api/v1/decisions"), on: .authenticate)
    let methods: [HTTPRequest.Method] = [.get]
    let gate: AdministratorGate
    let archive: DecisionArchive?
    let clock: WallClock

    private static let maximumCount = 1000

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        if let refusal = try await gate.refusal(of: request) { return refusal }
        let parameters = request.queryParameters
        func value(_ name: String) -> String? { parameters[name].flatMap { $0.isEmpty ? nil : $0 } }
        var filter = DecisionFilter(route: value("route"), user: value("user"), outcome: value("outcome"))
        if let text = value("since") {
            guard let since = SinceText.parse(text, now: UnixTime(nanoseconds: clock.nanoseconds)) else {
                return gate.answer(
                    request, 400, "Bad Request", "since must be a duration such as 2h or 7d, or a date in ISO 8601.", "invalid-parameter")
            }
            filter.since = since.nanoseconds
        }
        if let text = value("limit") {
            guard let limit = Int(text), 1...Self.maximumCount ~= limit else {
                return gate.answer(request, 400, "Bad Request", "limit must be between 1 and \(Self.maximumCount).", "invalid-parameter")
            }
            filter.limit = limit
        }
        let decisions = try await archive?.decisions(filter) ?? []
        return .json(Array(("{\"decisions\":[" + decisions.map(\.summary).joined(separator: ",") + "]}\n").utf8))
    }
}
