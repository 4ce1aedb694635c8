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
        let worker = pipeline.worker
        let head = pipeline.head
        let route = permit.route
        worker.heads.reset()
        guard let path = UpstreamPath.rewritten(pipeline.path, by: route) else { return false }
        guard worker.heads.requestLine(method: head.methodView, path: path, query: head.query == nil ? nil : head.queryView) else { return false }
        guard let host = UpstreamPath.host(for: head, path: pipeline.path, route: route, target: target) else { return false }
        if !upstreams.suppressed.contains(.host) { guard worker.heads.field("Host", host) else { return false } }

        copyFields(of: head, into: &worker.heads, rules: route.requestHeaders, upstreams: upstreams, settings: pipeline.snapshot.settings)
        writeCookies(of: head, worker: worker, stripping: permit.cookieStripping)
        writeForwarded(pipeline: pipeline, head: head, route: route, suppressed: upstreams.suppressed)
        if !upstreams.suppressed.contains(.requestID) { guard worker.heads.field("X-Request-Id", pipeline.requestIDText) else { return false } }
        if let upgrade {
            guard worker.heads.field("Upgrade", upgrade) else { return false }
            worker.heads.field("Connection", constant: "Upgrade")
        }
        worker.heads.framing(head.bodyFraming)
        output.writeBytes(worker.heads.bytes)
        if let lines = route.requestHeaders.constantLines { output.writeBytes(lines) }
        output.writeBytes(permit.templateLines)
        output.writeBytes(permit.identityLines)
        output.writeStaticString("\r\n")
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

    private static func writeCookies(of head: RequestHead, worker: LoopWorker, stripping: CookieStripping) {
        guard head.first(.cookie) != nil else { return }
        worker.scratch.removeAll(keepingCapacity: true)
        for cookie in CookieFields(head) {
            let name = head.view(cookie.name)
            if stripping.names.contains(where: { name == $0 }) || stripping.prefixes.contains(where: { name.hasPrefix($0) }) { continue }
            if !worker.scratch.isEmpty {
                worker.scratch.append(UInt8(ascii: ";"))
                worker.scratch.append(0x20)
            }
            head.view(cookie.whole).withUnsafeBytes { worker.scratch.append(contentsOf: $0) }
        }
        if !worker.scratch.isEmpty { _ = worker.heads.field("Cookie", worker.scratch) }
    }

    private static func writeForwarded(pipeline: RequestPipeline, head: RequestHead, route: CompiledRoute, suppressed: OwnFields) {
        let worker = pipeline.worker
        let settings = pipeline.snapshot.settings
        if !suppressed.contains(.forwardedFor) { writeForwardedFor(pipeline: pipeline, head: head) }
        if !suppressed.contains(.forwardedProto) {
            let received = settings.trustedHops > 0 ? head.first(.xForwardedProto) : nil
            if let received, received == ("http" as StaticString) || received == ("https" as StaticString) {
                _ = worker.heads.field("X-Forwarded-Proto", received)
            } else {
                // Where TLS ends in front of us, the route's own scheme is the one that visitors use.
                worker.heads.field("X-Forwarded-Proto", constant: pipeline.isTLS || route.from.scheme != .http ? "https" : "http")
            }
        }
        if !suppressed.contains(.forwardedHost) { _ = worker.heads.field("X-Forwarded-Host", head.hostView) }
    }

    private static func writeForwardedFor(pipeline: RequestPipeline, head: RequestHead) {
        let worker = pipeline.worker
        let settings = pipeline.snapshot.settings
        worker.scratch.removeAll(keepingCapacity: true)
        if settings.skipsForwardedForAppend || settings.trustedHops > 0 {
            let received = ForwardedFor(head)
            for entry in received.trusted(hops: settings.skipsForwardedForAppend ? .max : settings.trustedHops) {
                separate(&worker.scratch)
                entry.withUnsafeBytes { worker.scratch.append(contentsOf: $0) }
            }
        }
        if !settings.skipsForwardedForAppend {
            separate(&worker.scratch)
            worker.scratch.append(contentsOf: pipeline.peerText.utf8)
        }
        if !worker.scratch.isEmpty { _ = worker.heads.field("X-Forwarded-For", worker.scratch) }
    }

    private static func separate(_ bytes: inout [UInt8]) {
        if bytes.isEmpty { return }
        bytes.append(UInt8(ascii: ","))
        bytes.append(0x20)
    }
}
