import HTTPWire
import KeyMaterial
import Records
import Routing

/// The permits of one session on one loop, by route and host, so that signing is paid once in ``reuse`` seconds and not per request.
struct PermitCache {
    /// Seconds that a signature is used again; every application gets one with at least ``IdentityClaims/lifetime`` minus this left.
    static let reuse: Int64 = 120
    /// Routes and hosts kept per session.
    static let capacity = 64

    final class Entry {
        let host: ByteView
        let signedAt: Int64
        /// The compact JWT; empty where the route needs none.
        let assertion: String
        /// Without the templates of the route, which may be different for each request. Its identity lines are `X-Pomerium-Jwt-Assertion`, the
        /// claim headers, and what a Kubernetes API server wants.
        let permit: Permit

        init(host: ByteView, signedAt: Int64, assertion: String, permit: Permit) {
            self.host = host
            self.signedAt = signedAt
            self.assertion = assertion
            self.permit = permit
        }
    }

    private var entries: [Entry] = []

    /// Signed at most ``reuse`` seconds ago, if at all. `now` in unix seconds; `key` is nil where nothing is signed.
    mutating func entry(
        for active: ActiveSession, route: CompiledRoute, host: ByteView, now: Int64, key: SigningKey?, ownCookies: CookieNames
    ) throws -> Entry {
        if let index = entries.firstIndex(where: { $0.permit.route === route && $0.host == host }) {
            if now - entries[index].signedAt < Self.reuse, now >= entries[index].signedAt { return entries[index] }
            entries.remove(at: index)
        }
        if entries.count >= Self.capacity { entries.removeFirst(Self.capacity / 2) }
        let assertion = try key.map { try Self.assertion(for: active, route: route, host: host, now: now, key: $0) }
        let entry = Entry(
            host: ByteView(host.array), signedAt: now, assertion: assertion ?? "",
            permit: Permit(
                route: route, identityLines: assertion.map { Self.lines(assertion: $0, active: active, identity: route.identity) } ?? [],
                templateLines: [], ownCookies: ownCookies, sessionID: active.session.id, userID: active.session.userID, email: active.email))
        entries.append(entry)
        return entry
    }

    private static func assertion(for active: ActiveSession, route: CompiledRoute, host: ByteView, now: Int64, key: SigningKey) throws -> String {
        var generator = SystemRandomNumberGenerator()
        let claims = IdentityClaims(active: active, identity: route.identity)
        return try key.sign(payload: claims.payload(host: host.string, now: now, tokenID: RequestID(using: &generator).description))
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
