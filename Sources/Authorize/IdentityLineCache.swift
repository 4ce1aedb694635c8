import HTTPWire
import KeyMaterial
import Records
import Routing

/// The identity lines of one session on one loop, by route and host, so that signing is paid once in ``reuse`` seconds and not per request.
struct IdentityLineCache {
    /// Seconds that a signature is used again; every application gets one with at least ``IdentityClaims/lifetime`` minus this left.
    static let reuse: Int64 = 120
    /// Routes and hosts kept per session.
    static let capacity = 64

    struct Entry {
        var route: CompiledRoute
        var host: ByteView
        var signedAt: Int64
        /// The compact JWT.
        var assertion: String
        /// `X-Pomerium-Jwt-Assertion`, the claim headers, and what a Kubernetes API server wants, serialised.
        var lines: [UInt8]
    }

    private var entries: [Entry] = []

    /// Signed at most ``reuse`` seconds ago. `now` in unix seconds.
    mutating func entry(for active: ActiveSession, route: CompiledRoute, host: ByteView, now: Int64, key: SigningKey) throws -> Entry {
        if let index = entries.firstIndex(where: { $0.route === route && $0.host == host }) {
            if now - entries[index].signedAt < Self.reuse, now >= entries[index].signedAt { return entries[index] }
            entries.remove(at: index)
        }
        if entries.count >= Self.capacity { entries.removeFirst(Self.capacity / 2) }
        var generator = SystemRandomNumberGenerator()
        let claims = IdentityClaims(active: active, identity: route.identity)
        let payload = claims.payload(host: host.string, now: now, tokenID: RequestID(using: &generator).description)
        let assertion = try key.sign(payload: payload)
        let entry = Entry(
            route: route, host: ByteView(host.array), signedAt: now, assertion: assertion,
            lines: Self.lines(assertion: assertion, active: active, identity: route.identity))
        entries.append(entry)
        return entry
    }

    /// A claim that is absent gives an empty header, so that the application can tell "none" from "not configured".
    private static func lines(assertion: String, active: ActiveSession, identity: IdentityForwarding) -> [UInt8] {
        let impersonation = identity.kubernetesToken.map { KubernetesImpersonation.lines(token: $0, active: active) } ?? []
        guard identity.passIdentityHeaders else { return impersonation }
        var builder = HeadBuilder()
        _ = builder.field("X-Pomerium-Jwt-Assertion", assertion)
        for (header, claim) in identity.claimHeaders {
            if !builder.field(named: header, Self.value(of: claim, active)) { _ = builder.field(named: header, "") }
        }
        return builder.bytes + impersonation
    }

    /// Claims of the assertion under their own names, then those of the provider. A value that cannot stand in a header counts as absent.
    private static func value(of claim: String, _ active: ActiveSession) -> String {
        switch claim {
        case "email": active.email
        case "groups": active.groups.joined(separator: ",")
        case "name": active.displayName
        case "sub", "user": active.session.userID
        case "sid": active.session.id
        default: active.claim(claim) ?? ""
        }
    }
}
