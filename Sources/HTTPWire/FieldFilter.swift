/// Which fields of a message are not forwarded. Built once from configuration; a lookup allocates nothing.
///
/// Always dropped: what belongs to one connection (RFC 9110 section 7.6.1), framing (it is written anew), fields that `Connection`
/// nominates, the proxy's own namespace `x-pomerium-`, and `impersonate-extra-`, by which visitors could give themselves attributes in a Kubernetes
/// cluster. Dropped besides: the given names.
/// Names are compared the way application servers fold them into variables: `X_Forwarded.For` is dropped where `x-forwarded-for` is.
/// A nomination can never rescue a dropped field, and fields that later hops rely on (see `isProtected`) cannot be nominated away.
public struct FieldFilter: Sendable {
    /// Fields that go with one connection, and framing.
    static let hopByHop = [
        "connection", "keep-alive", "proxy-connection", "proxy-authorization", "proxy-authenticate", "proxy-authentication-info", "te", "trailer",
        "transfer-encoding", "content-length", "upgrade", "http2-settings",
    ]

    /// A name in `folded`; an empty slot has no bytes.
    private struct Slot {
        var hash: UInt32 = 0
        var start: UInt32 = 0
        var count: UInt32 = 0
    }

    /// Open addressing over the folded hashes, at most half full.
    private var slots: [Slot]
    /// The folded names, one behind the other.
    private var folded: [UInt8] = []
    private let keepsUnderscoreNames: Bool

    /// - Parameters:
    ///   - names: fields to drop besides those that never pass; any spelling.
    ///   - keepsUnderscoreNames: false drops every field whose name contains `_`.
    public init(dropping names: [String] = [], keepsUnderscoreNames: Bool = true) {
        let distinct = Set((names + Self.hopByHop).map { $0.utf8.map(ByteClass.folded) }).filter { !$0.isEmpty }
        var size = 16
        while size < distinct.count * 2 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        self.keepsUnderscoreNames = keepsUnderscoreNames
        for name in distinct {
            let hash = FoldedName.hash(name)
            var slot = Int(hash) & (size - 1)
            while slots[slot].count > 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Slot(hash: hash, start: UInt32(folded.count), count: UInt32(name.count))
            folded += name
        }
    }

    /// The field must not be forwarded. `TE` passes when it is exactly `trailers`.
    ///
    /// `hasNominatedFields` is what the head says under this name; false skips looking at `Connection`.
    public func drops(_ field: HeadField, of section: FieldSection, hasNominatedFields: Bool) -> Bool {
        if field.known == .xPomerium { return true }
        if field.known == .te { return section.value(field) != ("trailers" as StaticString) }
        return section.bytes.withUnsafeBytes { source in
            let name = UnsafeRawBufferPointer(rebasing: source[field.name.range])
            if contains(name, hash: field.foldedHash) { return true }
            if !keepsUnderscoreNames, name.contains(0x5F) { return true }
            return hasNominatedFields && !Self.isProtected(field.known) && Self.isNominated(name, by: section.fields, of: source)
        }
    }

    /// The name is one of those that this filter drops, in this or any spelling that folds to it.
    public func contains(_ name: ByteView) -> Bool {
        name.withUnsafeBytes { bytes in
            contains(bytes, hash: FoldedName.finish(bytes.reduce(FoldedName.seed) { FoldedName.combine($0, ByteClass.folded($1)) }))
        }
    }

    private func contains(_ name: UnsafeRawBufferPointer, hash: UInt32) -> Bool {
        if Self.isImpersonation(name) { return true }
        var index = Int(hash) & (slots.count - 1)
        while slots[index].count > 0 {
            let slot = slots[index]
            if slot.hash == hash, Int(slot.count) == name.count {
                let candidate = folded[Int(slot.start)..<Int(slot.start) + name.count]
                if zip(candidate, name).allSatisfy({ $0 == ByteClass.folded($1) }) { return true }
            }
            index = (index + 1) & (slots.count - 1)
        }
        return false
    }

    private static let impersonationPrefix = Array("impersonate-extra-".utf8)

    private static func isImpersonation(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let first = name.first, first | 0x20 == UInt8(ascii: "i"), name.count >= impersonationPrefix.count else { return false }
        return zip(impersonationPrefix, name).allSatisfy { ByteClass.folded($0) == ByteClass.folded($1) }
    }

    /// What a sender may not remove by nomination: the next hop decides by it, or the message is not the same without it.
    private static func isProtected(_ known: KnownField) -> Bool {
        switch known {
        case .host, .cookie, .setCookie, .authorization, .wwwAuthenticate, .contentType, .contentEncoding, .cacheControl, .origin, .forwarded,
            .xForwardedFor, .xForwardedProto, .xForwardedHost, .xForwardedPort, .xRealIP, .xRequestId, .via, .location, .expect,
            .strictTransportSecurity:
            true
        default: false
        }
    }

    private static func isNominated(_ name: UnsafeRawBufferPointer, by fields: [HeadField], of source: UnsafeRawBufferPointer) -> Bool {
        for field in fields where field.known == .connection {
            for member in ListTokens(source, field.value.range) where member.count == name.count {
                if zip(member, name).allSatisfy({ ByteClass.lowercased($0) == ByteClass.lowercased($1) }) { return true }
            }
        }
        return false
    }
}
