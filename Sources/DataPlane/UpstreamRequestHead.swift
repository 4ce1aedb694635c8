import HTTPWire
import NIOCore
import PolicyLanguage
import Routing

/// Writes the head of a request towards an upstream. What the client sent under a name that we manage is dropped before ours is written.
enum UpstreamRequestHead {
    /// The fields that we write on our own account.
    struct OwnFields: OptionSet {
        let rawValue: UInt8
        static let host = OwnFields(rawValue: 1)
        static let forwardedFor = OwnFields(rawValue: 2)
        static let forwardedProto = OwnFields(rawValue: 4)
        static let forwardedHost = OwnFields(rawValue: 8)
        static let requestID = OwnFields(rawValue: 16)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Those among `names`, in any case.
        init(_ names: [String]) {
            self = []
            for name in names {
                switch name.lowercased() {
                case "host": insert(.host)
                case "x-forwarded-for": insert(.forwardedFor)
                case "x-forwarded-proto": insert(.forwardedProto)
                case "x-forwarded-host": insert(.forwardedHost)
                case "x-request-id": insert(.requestID)
                default: break
                }
            }
        }
    }

    /// The filter drops everything that is written anew, or could be used to speak in our name.
    static func isComplete(_ filter: FieldFilter) -> Bool {
        RequestHeaderRules.managedNames.allSatisfy { filter.contains(ByteView($0)) }
    }

    /// False when some part cannot stand in a head; nothing may be sent then.
    static func write(
        into output: inout ByteBuffer, pipeline: RequestPipeline, permit: Permit, upstreams: RouteUpstreams, target: RouteUpstreams.Target,
        upgrade: String?
    ) -> Bool {
        let (worker, route, snapshot) = (pipeline.worker, permit.route, pipeline.snapshot)
        let (head, path) = (pipeline.head, pipeline.path)
        guard let host = UpstreamPath.host(for: head, path: path, route: route, target: target),
            let path = UpstreamPath.rewritten(path, by: route)
        else { return false }
        let isWritten = write(
            head, path: path, host: host, pipeline: pipeline, permit: permit, route: route, upstreams: upstreams, settings: snapshot.settings,
            upgrade: upgrade, heads: &worker.heads, scratch: &worker.scratch)
        if isWritten { output.writeBytes(worker.heads.bytes) }
        return isWritten
    }

    private static func write(
        _ head: RequestHead, path: ByteView, host: ByteView, pipeline: RequestPipeline, permit: Permit, route: CompiledRoute,
        upstreams: RouteUpstreams, settings: DataPlaneSettings, upgrade: String?, heads: inout HeadBuilder, scratch: inout [UInt8]
    ) -> Bool {
        let suppressed = upstreams.suppressed
        heads.reset()
        guard heads.requestLine(method: head.methodView, path: path, query: head.query == nil ? nil : head.queryView) else { return false }
        if !suppressed.contains(.host) { guard heads.field("Host", host) else { return false } }
        copyFields(of: head, into: &heads, rules: route.requestHeaders, upstreams: upstreams, settings: settings)
        if head.first(.cookie) != nil { heads.cookies(from: head, except: permit.ownCookies) }
        if !suppressed.contains(.forwardedFor) { writeForwardedFor(head, peer: pipeline.peerText, settings, into: &heads, scratch: &scratch) }
        if !suppressed.contains(.forwardedProto) { writeForwardedProto(head, isTLS: pipeline.isTLS, route, settings, into: &heads) }
        if !suppressed.contains(.forwardedHost) { _ = heads.field("X-Forwarded-Host", head.hostView) }
        if !suppressed.contains(.requestID) { guard heads.field("X-Request-Id", pipeline.requestIDText) else { return false } }
        if let upgrade {
            guard heads.field("Upgrade", upgrade) else { return false }
            heads.field("Connection", constant: "Upgrade")
        }
        heads.framing(head.bodyFraming)
        if let lines = route.requestHeaders.constantLines { heads.append(lines: lines) }
        heads.append(lines: permit.templateLines)
        heads.append(lines: permit.identityLines)
        heads.end()
        return true
    }

    private static func copyFields(
        of head: RequestHead, into heads: inout HeadBuilder, rules: RequestHeaderRules, upstreams: RouteUpstreams, settings: DataPlaneSettings
    ) {
        let dropsUnderscore = settings.underscoreNames == .drop && head.hasUnderscoreName
        if upstreams.filterIsComplete, !dropsUnderscore, !carriesOurAuthorization(head) {
            heads.copyFields(from: head, except: rules.filter)
            return
        }
        for field in head.fields {
            if rules.filter.drops(field, of: head.section, hasNominatedFields: head.hasNominatedFields) { continue }
            let name = head.view(field.name)
            if isManaged(name) || (dropsUnderscore && name.contains(UInt8(ascii: "_"))) { continue }
            if field.known == .authorization, isOurs(head.view(field.value)) { continue }
            // Both passed the parser.
            _ = heads.field(named: name, head.view(field.value))
        }
    }

    private static let managedFilter = FieldFilter(dropping: RequestHeaderRules.managedNames)

    private static func isManaged(_ name: ByteView) -> Bool { managedFilter.contains(name) }

    private static func carriesOurAuthorization(_ head: RequestHead) -> Bool {
        for value in head.values(.authorization) where isOurs(value) { return true }
        return false
    }

    /// Credentials for us: `Pomerium TOKEN`, and `Bearer Pomerium-TOKEN`. The application must not see them.
    static func isOurs(_ value: ByteView) -> Bool {
        if value.count >= 8, value.slice(0..<8).equalsIgnoringCase("Pomerium") {
            return value.count == 8 || value[8] == 0x20 || value[8] == 0x09
        }
        guard value.count >= 7, value.slice(0..<6).equalsIgnoringCase("Bearer"), value[6] == 0x20 || value[6] == 0x09 else { return false }
        var start = 7
        while start < value.count, value[start] == 0x20 || value[start] == 0x09 { start += 1 }
        return value.slice(start..<min(start + 9, value.count)).equalsIgnoringCase("Pomerium-")
    }

    private static func writeForwardedProto(
        _ head: RequestHead, isTLS: Bool, _ route: CompiledRoute, _ settings: DataPlaneSettings, into heads: inout HeadBuilder
    ) {
        let received = settings.trustedHops > 0 ? head.first(.xForwardedProto) : nil
        if let received, received == ("http" as StaticString) || received == ("https" as StaticString) {
            _ = heads.field("X-Forwarded-Proto", received)
        } else {
            // Where TLS ends in front of us, the route's own scheme is the one that visitors use.
            heads.field("X-Forwarded-Proto", constant: isTLS || route.from.scheme != .http ? "https" : "http")
        }
    }

    private static func writeForwardedFor(
        _ head: RequestHead, peer: String, _ settings: DataPlaneSettings, into heads: inout HeadBuilder, scratch: inout [UInt8]
    ) {
        let (hops, skipsAppend) = (settings.trustedHops, settings.skipsForwardedForAppend)
        scratch.removeAll(keepingCapacity: true)
        if skipsAppend || hops > 0 {
            let received = ForwardedFor(head)
            for entry in received.trusted(hops: skipsAppend ? .max : hops) {
                separate(&scratch)
                entry.withUnsafeBytes { scratch.append(contentsOf: $0) }
            }
        }
        if !skipsAppend {
            separate(&scratch)
            scratch.append(contentsOf: peer.utf8)
        }
        if !scratch.isEmpty { _ = heads.field("X-Forwarded-For", scratch) }
    }

    private static func separate(_ bytes: inout [UInt8]) {
        if bytes.isEmpty { return }
        bytes.append(UInt8(ascii: ","))
        bytes.append(0x20)
    }
}
