import HTTPWire
import LocalReplies
import NIOCore
import Observability
import Routing

/// Answers of our own, and the end of every request: its line in the access log.
extension RequestPipeline {
    /// The head cannot be read.
    func refuse(_ error: WireError, head: RequestHead) {
        start(unreadable: head)
        answer(ProxyReply.malformed(error), form: nil)
    }

    /// The head does not arrive.
    func refuseSlowHead() {
        start(unreadable: RequestHead())
        answer(ProxyReply.headTimeout, form: nil)
    }

    func answer(_ reply: LocalReply) {
        answer(reply, form: head)
    }

    /// `form` is the head that says which form the client understands; plain text without one.
    func answer(_ reply: LocalReply, form: RequestHead?) {
        answer(snapshot.renderer.render(reply, for: form, requestID: requestID), flags: reply.flags)
    }

    /// Without flags those that go with the response's detail.
    func answer(_ response: LocalResponse, flags: String? = nil) {
        let flags = flags ?? ResponseCodeDetail(detail: response.detail)?.flags ?? ""
        guard let stream, !isAnswered else { return }
        guard !stream.hasStarted else { return cut(detail: response.detail, flags: flags) }
        state = .answered
        send(response, to: stream)
        finish(status: response.status, detail: response.detail, flags: flags, upstreamAddress: upstreamAddress, response: response)
        stream.sendEnd(trailers: [])
    }

    var isAnswered: Bool {
        switch state {
        case .answered, .idle: true
        default: false
        }
    }

    /// A `redirect` or `response` route answers in the application's place, so the route's own headers are on its answer.
    private var rulesOfAnswer: ResponseHeaderRules? {
        switch permit?.route.destination {
        case .redirect?, .response?: permit?.route.responseHeaders
        default: nil
        }
    }

    private func send(_ response: LocalResponse, to stream: any DownstreamStream) {
        let rules = rulesOfAnswer
        worker.heads.reset()
        for header in response.headers where !Self.isManaged(header.name) && rules?.filter.contains(ByteView(header.name)) != true {
            _ = worker.heads.field(named: header.name, header.value)
        }
        _ = worker.heads.field("x-request-id", requestIDText)
        worker.heads.field("x-pomerium-intercepted-response", constant: "true")
        worker.heads.field("server", constant: "postern")
        _ = worker.heads.field("date", worker.dateText)
        let isBodiless = response.status == 204 || response.status == 304
        let isHead = head.methodView == ("HEAD" as StaticString)
        let length = UInt64(response.body.count)
        stream.sendHead(
            OutgoingHead(
                status: response.status, lines: worker.heads.bytes, moreLines: rules?.lines ?? snapshot.localResponseLines,
                framing: isBodiless || isHead ? .none : .length(length), declaredLength: isHead && !isBodiless ? length : nil, isLocal: true,
                closes: isRedirectListener))
        guard !isBodiless, !isHead, !response.body.isEmpty else { return }
        var body = ByteBuffer()
        body.writeBytes(response.body)
        bytesSent += Int64(body.readableBytes)
        stream.sendBody(body)
    }

    /// Probes and the reading of metrics are not the traffic that metrics are about.
    var isCounted: Bool {
        if case .endpoints = role { false } else { true }
    }

    private var isRedirectListener: Bool {
        if case .httpsRedirect = role { true } else { false }
    }

    /// Framing, connection and the two fields that every answer carries are written here and nowhere else.
    private static func isManaged(_ name: String) -> Bool {
        switch name.lowercased() {
        case "content-length", "transfer-encoding", "connection", "x-request-id", "x-pomerium-intercepted-response", "server", "date": true
        default: false
        }
    }

    /// A response has begun and cannot be completed.
    func cut(detail: String, flags: String, status: Int = 0, upstreamAddress: String = "") {
        guard !isAnswered else { return }
        state = .answered
        finish(status: status, detail: detail, flags: flags, upstreamAddress: upstreamAddress)
        stream?.abort()
    }

    func cut(_ detail: ResponseCodeDetail, status: Int, upstreamAddress: String) {
        cut(detail: detail.rawValue, flags: detail.flags, status: status, upstreamAddress: upstreamAddress)
    }

    /// No answer from the application.
    func failUpstream(_ fault: UpstreamFault, address: String) {
        upstreamAddress = address
        worker.counters.upstreamFailures &+= 1
        answer(ProxyReply.upstream(fault))
    }

    /// Writes the log line and lets go of everything that belonged to the request. Called once per request.
    func finish(status: Int, detail: String, flags: String, upstreamAddress: String = "", response: LocalResponse? = nil) {
        timer.disarm()
        if isCounted { worker.counters.end(status: status, nanoseconds: (NIODeadline.now() - startedAt).nanoseconds) }
        log(status: status, detail: detail, flags: flags, upstreamAddress: upstreamAddress, response: response)
        // The connection's parser writes the next head into this memory if nobody else holds it.
        head = RequestHead()
        host = .empty
        path = .empty
        permit = nil
        route = nil
        state = .answered
    }

    private func log(status: Int, detail: String, flags: String, upstreamAddress: String, response: LocalResponse?) {
        let snapshot = snapshot
        let isProbe = isProbe
        if isProbe, !snapshot.settings.logsProbes { return }
        if case .endpoints = role, !snapshot.settings.logsProbes { return }
        var record = AccessLogRecord(requestID: requestIDText, head: head, clientAddress: clientText)
        record.routeID = route?.id
        record.routeName = route?.name
        record.bytesSent = bytesSent
        record.bytesReceived = bytesReceived
        record.status = status
        record.detail = detail
        record.flags = flags
        record.duration = (NIODeadline.now() - startedAt).nanoseconds
        record.upstreamAddress = upstreamAddress
        record.sessionID = permit?.sessionID ?? response?.sessionID
        record.userID = permit?.userID ?? response?.userID
        record.email = permit?.email ?? response?.email
        worker.log.access(record, fields: snapshot.settings.accessLogFields, at: worker.clock(), isProbe: isProbe)
        worker.scheduleLogFlush()
    }
}

/// What the stream reports, passed on to whoever has the request now.
extension RequestPipeline: DownstreamEvents {
    func bodyReceived(_ part: ByteBuffer) {
        bytesReceived += Int64(part.readableBytes)
        switch state {
        case .exchanging(let exchange): exchange.requestBody(part)
        case .collecting(let control): control.append(part)
        default: break
        }
    }

    func bodyReadComplete() {
        if case .exchanging(let exchange) = state { exchange.requestReadComplete() }
    }

    func bodyEnded(trailers: FieldSection) {
        switch state {
        case .exchanging(let exchange): exchange.requestEnded(trailers: trailers)
        case .collecting(let control): control.bodyEnded()
        default: break
        }
    }

    func bodyFailed(_ error: WireError) {
        let sent = leaveExchange()
        if let stream, !stream.hasStarted {
            answer(ProxyReply.malformed(error))
        } else {
            cut(detail: error.detail, flags: ResponseFlag.downstreamProtocolError.rawValue, status: sent, upstreamAddress: upstreamAddress)
        }
    }

    func requestTimedOut() {
        let sent = leaveExchange()
        if let stream, !stream.hasStarted {
            answer(ProxyReply.requestTimeout)
        } else {
            cut(.requestOverallTimeout, status: sent, upstreamAddress: upstreamAddress)
        }
    }

    func becameWritable() {
        if case .exchanging(let exchange) = state { exchange.downstreamBecameWritable() }
    }

    func clientLeft() { end(ResponseCodeDetail.downstreamRemoteDisconnect.rawValue) }

    /// The process stops, and the time that running requests get is over.
    func drained() { end(ResponseCodeDetail.downstreamLocalDisconnect.with(reason: "drain")) }

    func end(_ detail: String) {
        let flags = ResponseFlag.downstreamClosed.rawValue
        switch state {
        case .idle, .answered: return
        case .running, .loading, .collecting: cancel()
        case .exchanging(let exchange):
            let status = exchange.sentStatus
            let address = exchange.upstreamAddress
            let isAtEnd = exchange.isUpstreamHalfClosed
            exchange.cancel()
            // Whoever leaves a tunnel after the application has said everything leaves at its end.
            if isAtEnd {
                finish(status: status, detail: ResponseCodeDetail.viaUpstream.rawValue, flags: "", upstreamAddress: address)
            } else {
                finish(status: status, detail: detail, flags: flags, upstreamAddress: address)
            }
            return
        }
        finish(status: 0, detail: detail, flags: flags)
    }

    /// Stops what is under way without an answer.
    private func cancel() {
        switch state {
        case .loading(let task): task.cancel()
        case .collecting(let control): control.cancel()
        default: break
        }
    }

    /// Takes the request away from whoever has it. Returns the status that the client was sent, 0 for none.
    private func leaveExchange() -> Int {
        guard case .exchanging(let exchange) = state else {
            cancel()
            return 0
        }
        exchange.cancel()
        upstreamAddress = exchange.upstreamAddress
        state = .running
        return exchange.sentStatus
    }
}

extension RequestPipeline: DeadlineTimerOwner {
    func timerFired() {
        switch state {
        case .exchanging(let exchange): exchange.deadlineFired()
        case .loading(let task):
            task.cancel()
            answer(ProxyReply.authorizationUnavailable)
        default: break
        }
    }
}
