import KeyMaterial
import Observability
import Records
import Routing

/// The claims of the identity assertion (reference: authentication section 3.1).
struct IdentityClaims {
    /// Seconds between `iat` and `exp`.
    static let lifetime: Int64 = 300

    let active: ActiveSession
    let identity: IdentityForwarding

    /// The signed part for one host. `now` in unix seconds.
    func payload(host: String, now: Int64, tokenID: String) -> [UInt8] {
        var writer = JSONWriter(reserving: 768)
        writer.beginObject()
        writer.key("aud")
        writer.string(host)
        writer.key("exp")
        writer.int(now + Self.lifetime)
        writer.key("iat")
        writer.int(now)
        writer.key("iss")
        writer.string(identity.issuerFormat == .uri ? "https://\(host)/" : host)
        writer.key("jti")
        writer.string(tokenID)
        writePerson(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The same without what is about the token itself: the body of `/.pomerium/user`.
    func userDocument() -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writePerson(to: &writer)
        writer.endObject()
        writer.newline()
        return writer.bytes
    }

    private static let base: Set<String> = ["aud", "exp", "iat", "iss", "jti", "sub", "user", "email", "groups", "sid", "name"]

    private func writePerson(to writer: inout JSONWriter) {
        writer.key("email")
        writer.string(active.email)
        writer.key("groups")
        writer.beginArray()
        for group in active.groups { writer.string(group) }
        writer.endArray()
        writer.key("name")
        writer.string(active.displayName)
        writer.key("sid")
        writer.string(active.session.id)
        writer.key("sub")
        writer.string(active.session.userID)
        writer.key("user")
        writer.string(active.session.userID)
        var written = Self.base
        for (_, claim) in identity.claimHeaders where written.insert(claim).inserted {
            guard let value = active.claim(claim) else { continue }
            writer.key(named: claim)
            writer.string(value)
        }
    }
}
