import HTTPWire
import LocalReplies
import NIOCore
import Observability
import Pages
import Routing

/// One allowed request on its way to an upstream and back. It cannot be made without a ``Permit``: whatever was not decided in favour
/// has no way to an upstream.
final class UpstreamExchange {
    let permit: Permit
    /// Place in the worker's list of exchanges under way.
    var watchIndex: Int?
    private let pipeline: RequestPipeline
    private let snapshot: DataPlaneSnapshot
    private let stream: any DownstreamStream
    private let worker: LoopWorker
    private let upstreams: RouteUpstreams
    private var relay: ResponseRelay
    /// What the request takes of its route.
    var claim: UpstreamClaim
    private var connection: (any UpstreamStream)?
    private var target: RouteUpstreams.Target?
    /// Set once nothing may happen any more.
    private var isOver = false {
        didSet {
            guard isOver else { return }
            worker.unwatch(self)
            claim.end()
        }
    }
    private var isReused = false
    private var hasRetried = false
    private var lastFault = UpstreamFault.noTargets
    private var hasSentBody = false
    private var isRequestSent = false
    private var isClientHalfClosed = false
    private(set) var isUpstreamHalfClosed = false
    private var startedAt = NIODeadline.now()
    private var lastActivity = NIODeadline.now()
    private(set) var upstreamAddress = ""

    init(permit: Permit, pipeline: RequestPipeline, stream: any DownstreamStream, worker: LoopWorker) {
        self.permit = permit
        self.pipeline = pipeline
        snapshot = pipeline.snapshot
        self.stream = stream
        self.worker = worker
        upstreams = worker.upstreams.upstreams(of: permit.route, in: snapshot)
        claim = UpstreamClaim(upstreams, session: permit.sessionID, client: pipeline.clientText)
        relay = ResponseRelay(
            route: permit.route, isHead: pipeline.head.methodView == ("HEAD" as StaticString), upgrade: pipeline.upgradeToken)
    }

    /// The status that the client has been sent; 0 before that.
    var sentStatus: Int { relay.sentStatus }

    func start() {
        startedAt = .now()
        lastActivity = startedAt
        armTimer()
        worker.watch(self)
        if claim.begin() { dial(fresh: false) } else { fail(.overflow) }
    }

    /// The permit no longer holds: nothing more goes either way.
    func permitEnded(_ reason: PermitEnd) {
        guard !isOver else { return }
        if relay.hasStarted { return cut(reason.reply.detail, flags: reason.reply.flags) }
        isOver = true
        closeUpstream()
        pipeline.answer(reason.reply)
    }

    /// The connection of the client.
    var transport: (any Channel)? { stream.transport }

    /// There is no memory for it.
    func overloaded() { pipeline.overloaded() }

    /// What a policy that was changed meanwhile says about the request under way.
    func checkPolicy() -> PermitCheck { pipeline.checkPolicy(of: permit) }

    /// Acts on what the authorizer said about the permit, at once or when it knows.
    func judge(_ check: PermitCheck, _ reason: PermitEnd) {
        switch check {
        case .holds: return
        case .over: permitEnded(reason)
        case .ask(let ask):
            let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
            let loop = worker.eventLoop
            Task {
                if await !ask() { loop.execute { bound.value.permitEnded(reason) } }
            }
        }
    }

    /// Ends without an answer: the client has left, or the pipeline gives another one.
    func cancel() {
        isOver = true
        closeUpstream()
    }

    // MARK: Upstream connection

    private func dial(fresh: Bool) {
        guard let target = claim.choose() else { return fail(lastFault) }
        self.target = target
        switch target.pool(needsHTTP2: needsHTTP2) {
        case .success(let pool): pool.acquire(for: self, fresh: fresh, snapshot: snapshot)
        case .failure(let fault): connectFailed(fault)
        }
    }

    /// gRPC is nothing without HTTP/2; everything else goes over HTTP/1.1, which costs less.
    private var needsHTTP2: Bool {
        guard relay.upgrade == nil, let type = pipeline.head.first(.contentType) else { return false }
        return type.hasPrefix("application/grpc" as StaticString) && !type.hasPrefix("application/grpc-web" as StaticString)
    }

    func connected(_ connection: any UpstreamStream, reused: Bool) {
        // Nobody wants it any more: another request may have it.
        guard !isOver, let target else { return connection.offerUnused(snapshot: snapshot) }
        self.connection = connection
        isReused = reused
        upstreamAddress = connection.address
        let request = UpstreamRequest(
            method: relay.isHead ? .head : .other, framing: pipeline.head.bodyFraming, hasBody: pipeline.hasBody,
            wantsTrailers: pipeline.head.first(.te).map { $0 == ("trailers" as StaticString) } ?? false)
        let isWritten = connection.begin(self, request: request) { output in
            UpstreamRequestHead.write(
                into: &output, pipeline: pipeline, permit: permit, upstreams: upstreams, target: target, upgrade: relay.upgrade)
        }
        guard isWritten else {
            closeUpstream()
            isOver = true
            return pipeline.answer(ProxyReply.routeUnavailable)
        }
        if target.target.scheme == .tcp { return startConnectTunnel() }
        isRequestSent = !pipeline.hasBody
        worker.flushSoon(connection)
        if pipeline.hasBody { stream.acceptBody() }
    }

    /// CONNECT to a plain TCP service: from here on bytes go both ways.
    private func startConnectTunnel() {
        isRequestSent = true
        relay.connected(requestID: pipeline.requestIDText, to: stream, worker: worker)
        armTimer()
        stream.startTunnel()
        connection?.resumeReading()
    }

    func connectFailed(_ fault: UpstreamFault) {
        guard !isOver else { return }
        claim.report(fault)
        lastFault = fault
        // Nothing was sent, so another destination may be tried.
        if claim.mayTryAnother { return dial(fresh: false) }
        fail(fault)
    }

    private func closeUpstream() {
        let connection = connection
        self.connection = nil
        connection?.close()
    }

    // MARK: Request body

    func requestBody(_ part: ByteBuffer) {
        guard let connection else { return }
        lastActivity = .now()
        hasSentBody = true
        connection.sendBody(part)
        if !connection.isWritable { stream.pauseBody() }
    }

    /// Everything that arrived together was passed on.
    func requestReadComplete() {
        connection?.flush()
    }

    /// The request is complete; of a tunnel, the client's half.
    func requestEnded(trailers: FieldSection) {
        guard let connection, !isOver else { return }
        if relay.isTunnel {
            lastActivity = .now()
            isClientHalfClosed = true
            connection.sendEnd(trailers: [])
            return tunnelHalfClosed()
        }
        isRequestSent = true
        worker.heads.reset()
        if !trailers.fields.isEmpty { worker.heads.copyFields(from: trailers, except: permit.route.requestHeaders.filter) }
        connection.sendEnd(trailers: worker.heads.bytes)
        worker.flushSoon(connection)
    }

    /// The upstream has no more to say in a tunnel; the client may have.
    func upstreamClosedItsHalf() {
        guard !isOver else { return }
        lastActivity = .now()
        isUpstreamHalfClosed = true
        stream.sendEnd(trailers: [])
        tunnelHalfClosed()
    }

    /// A tunnel ends when both halves have.
    private func tunnelHalfClosed() {
        guard isClientHalfClosed, isUpstreamHalfClosed else { return armTimer() }
        endTunnel()
    }

    private func endTunnel() {
        guard !isOver else { return }
        isOver = true
        closeUpstream()
        let stream = stream
        pipeline.finish(status: relay.sentStatus, detail: ResponseCodeDetail.viaUpstream.rawValue, flags: "", upstreamAddress: upstreamAddress)
        stream.abort()
    }

    func upstreamBecameWritable() {
        guard !isOver, !isRequestSent || relay.isTunnel else { return }
        stream.resumeBody()
    }

    // MARK: Response

    func responseInformational(_ head: ResponseHead) {
        guard !isOver else { return }
        lastActivity = .now()
        // 100 is between us and each side; others, such as 103, are for the client.
        if head.status != 100 { relay.informational(head, to: stream, worker: worker) }
    }

    func responseHead(_ head: ResponseHead) {
        guard !isOver else { return }
        lastActivity = .now()
        claim.report(.status(head.status))
        if head.isSwitchingProtocols, relay.upgrade == nil { return responseFailed(.malformedStatusLine) }
        relay.head(head, requestID: pipeline.requestIDText, to: stream, worker: worker)
        if relay.isTunnel { stream.startTunnel() }
    }

    func responseBody(_ part: ByteBuffer) {
        guard !isOver else { return }
        lastActivity = .now()
        pipeline.bytesSent += Int64(part.readableBytes)
        stream.sendBody(part)
        if relay.isTunnel { stream.flush() }
        if !stream.isWritable { connection?.pauseReading() }
    }

    /// Everything that arrived together was passed on.
    func responseReadComplete() {
        guard !isOver else { return }
        stream.flush()
    }

    func downstreamBecameWritable() {
        connection?.resumeReading()
    }

    func responseEnded(trailers: FieldSection, canReuse: Bool) {
        guard !isOver else { return }
        isOver = true
        if canReuse, isRequestSent, let connection {
            self.connection = nil
            connection.releaseToPool(snapshot: snapshot)
        } else {
            closeUpstream()
        }
        let lines = relay.trailers(trailers, worker: worker)
        let stream = stream
        pipeline.finish(status: relay.sentStatus, detail: completion.rawValue, flags: "", upstreamAddress: upstreamAddress)
        stream.sendEnd(trailers: lines)
    }

    /// How a complete answer is logged.
    private var completion: ResponseCodeDetail {
        relay.upgrade == "websocket" && !relay.isTunnel ? .websocketHandshakeUnsuccessful : .viaUpstream
    }

    /// What came is no HTTP.
    func responseFailed(_ error: WireError) {
        guard !isOver else { return }
        closeUpstream()
        pipeline.logFailure("an upstream sent an invalid response", text: error.reason)
        if relay.hasStarted {
            cut(.resetAfterResponse, "protocol_error", .upstreamProtocolError)
        } else {
            claim.report(.protocolError)
            fail(.protocolError)
        }
    }

    /// The connection is down and the response not complete. `isUnprocessed`: the other side says that it did nothing (RFC 9113 section 8.7).
    func upstreamClosed(isUnprocessed: Bool = false) {
        guard !isOver else { return }
        connection = nil
        if relay.isTunnel { return endTunnel() }
        if relay.hasStarted { return cut(.resetAfterResponse, "connection_termination", .upstreamClosed) }
        if mayRetry || (isUnprocessed && !hasRetried && !hasSentBody && !pipeline.hasBody), claim.beginRetry() {
            hasRetried = true
            return dial(fresh: true)
        }
        claim.report(.terminated)
        fail(.terminated)
    }

    /// An idle connection may have been closed by the other side just when it was used; the request was then not processed.
    private var mayRetry: Bool {
        isReused && !hasRetried && !hasSentBody && !relay.hasSeenInformational && !pipeline.hasBody && Self.isIdempotent(pipeline.head.methodView)
    }

    /// RFC 9110 section 9.2.2.
    private static func isIdempotent(_ method: ByteView) -> Bool {
        method == ("GET" as StaticString) || method == ("HEAD" as StaticString) || method == ("OPTIONS" as StaticString)
            || method == ("PUT" as StaticString) || method == ("DELETE" as StaticString) || method == ("TRACE" as StaticString)
    }

    // MARK: Ends

    private func fail(_ fault: UpstreamFault) {
        guard !isOver else { return }
        isOver = true
        closeUpstream()
        pipeline.failUpstream(fault, address: upstreamAddress)
    }

    private func cut(_ detail: ResponseCodeDetail, _ reason: String, _ flag: ResponseFlag) { cut(detail.with(reason: reason), flags: flag.rawValue) }

    private func cut(_ detail: String, flags: String) {
        isOver = true
        closeUpstream()
        pipeline.cut(detail: detail, flags: flags, status: relay.sentStatus, upstreamAddress: upstreamAddress)
    }

    // MARK: Time

    private func armTimer() {
        if let next = nextDeadline { pipeline.timer.arm(at: next) } else { pipeline.timer.disarm() }
    }

    private var totalDeadline: NIODeadline? { permit.route.timeout.flatMap { $0 > 0 ? startedAt + .nanoseconds($0) : nil } }

    private var durationDeadline: NIODeadline? {
        // The route's own timeout is the maximum age of a tunnel.
        let age = target?.target.scheme == .tcp ? permit.route.timeout ?? 0 : 0
        let limit = age > 0 ? age : snapshot.settings.streamDurationLimit
        return limit > 0 ? startedAt + .nanoseconds(limit) : nil
    }

    /// A tunnel of which one half is closed and whose other one rests is most likely forgotten: it ends even where the route has no limit.
    private static let halfClosedRest: Int64 = 300_000_000_000

    private var idleDeadline: NIODeadline? {
        if let limit = permit.route.idleTimeout, limit > 0 { return lastActivity + .nanoseconds(limit) }
        return isClientHalfClosed || isUpstreamHalfClosed ? lastActivity + .nanoseconds(Self.halfClosedRest) : nil
    }

    private var nextDeadline: NIODeadline? {
        var next = relay.isTunnel ? nil : totalDeadline
        if let deadline = durationDeadline { next = min(next ?? deadline, deadline) }
        if let deadline = idleDeadline { next = min(next ?? deadline, deadline) }
        return next
    }

    /// One of the deadlines may have passed; activity may have moved it.
    func deadlineFired() {
        guard !isOver else { return }
        let now = NIODeadline.now()
        if !relay.isTunnel, let deadline = totalDeadline, now >= deadline {
            if relay.hasStarted {
                end(with: ResponseCodeDetail.upstreamMaxStreamDuration)
            } else {
                claim.report(.timeout)
                fail(.responseTimeout)
            }
        } else if let deadline = durationDeadline, now >= deadline {
            end(with: ProxyReply.durationExceeded)
        } else if let deadline = idleDeadline, now >= deadline {
            end(with: ProxyReply.streamIdle)
        } else {
            armTimer()
        }
    }

    private func end(with detail: ResponseCodeDetail) { cut(detail.rawValue, flags: detail.flags) }

    private func end(with timeout: LocalReply) {
        if relay.hasStarted { return cut(timeout.detail, flags: timeout.flags) }
        isOver = true
        closeUpstream()
        var reply = timeout
        if !stream.isRequestComplete { reply.status = 408 }
        pipeline.answer(reply)
    }
}
