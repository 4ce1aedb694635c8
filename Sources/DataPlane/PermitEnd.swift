import HTTPWire
import LocalReplies
import Routing

/// Why a request that was allowed is ended while it is under way.
enum PermitEnd {
    /// The session was revoked, or has come to its end.
    case sessionEnded
    /// The configuration that is in force now does not allow the request.
    case policyChanged

    var reply: LocalReply {
        switch self {
        case .sessionEnded: ProxyReply.sessionEnded
        case .policyChanged: ProxyReply.policyChanged
        }
    }
}

extension RequestPipeline {
    /// Whether the current snapshot would let this request, which is under way, through. It is asked only where access to the address has changed:
    /// a reload alone ends nothing.
    func checkPolicy(of permit: Permit) -> PermitCheck {
        let current = worker.snapshot
        guard let route = route(in: current) else { return .over }
        if route === permit.route || route.hasSameAccess(as: permit.route) { return .holds }
        let request = AuthorizationRequest(
            route: route, head: head, host: host, path: path, clientAddress: client, requestID: requestID, now: worker.clock())
        return worker.authorizer.reconsider(permit, for: request)
    }

    private func route(in snapshot: DataPlaneSnapshot) -> CompiledRoute? {
        if head.isConnect { return head.port.flatMap { snapshot.routes.tunnel(host: tunnelHost, port: $0) } }
        let match = host.withUnsafeBytes { host in
            path.withUnsafeBytes { snapshot.routes.match(host: host, port: head.port, path: $0) }
        }
        guard case .route(let route) = match else { return nil }
        return route
    }
}
