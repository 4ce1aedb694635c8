import HTTPEndpoints
import HTTPWire
import LocalReplies
import NIOCore
import Observability
import PolicyLanguage
import Routing

/// One request from its head to its log line. One object per HTTP/1.1 connection, used for one request after the other, and one
/// per HTTP/2 stream, on its event loop.
///
/// ``run()`` is the list of phases; nothing else decides their order.
final class RequestPipeline {
    enum State {
        case idle
        case running
        /// The authorizer is loading what it does not know yet.
        case loading(Task<Void, Never>)
        case collecting(ControlExchange)
        case exchanging(UpstreamExchange)
        /// The answer is given.
        case answered
    }

    let worker: LoopWorker
    let role: ListenerRole
    let isTLS: Bool
    let timer: DeadlineTimer
    private(set) var stream: (any DownstreamStream)?
    private(set) var peer: IPAddress?
    private(set) var peerText = ""

    // The request under way.
    var state = State.idle
    var snapshot: DataPlaneSnapshot
    /// That of the snapshot: a request is decided by one configuration from beginning to end.
    private var authorizer: any RequestAuthorizer
    var head = RequestHead()
    var hasBody = false
    /// What a CONNECT request names.
    private(set) var tunnelHost = ""
    var requestID = RequestID(high: 0, low: 0)
    var requestIDText: [UInt8] = []
    /// Lower case, without port and final dot.
    var host = ByteView.empty
    /// Normalised, without query.
    var path = ByteView.empty
    var client = IPAddress(high: 0, low: 0)
    var clientText = ""
    var route: CompiledRoute?
    var permit: Permit?
    var startedAt = NIODeadline.uptimeNanoseconds(0)
    /// Of the upstream that was dialled in vain.
    var upstreamAddress = ""
    var bytesSent: Int64 = 0
    var bytesReceived: Int64 = 0
    /// Grows with every request, so that late results of an earlier one are recognised.
    var generation: UInt64 = 0

    init(worker: LoopWorker, role: ListenerRole, isTLS: Bool) {
        self.worker = worker
        self.role = role
        self.isTLS = isTLS
        snapshot = worker.snapshot
        authorizer = worker.authorizer
        timer = DeadlineTimer(eventLoop: worker.eventLoop)
    }

    func attach(to stream: any DownstreamStream) {
        self.stream = stream
        timer.start(self)
    }

    func detach() {
        stream = nil
        timer.stop()
    }

    func releaseStorage() {
        requestIDText = []
    }

    func setPeer(_ address: ClientAddress) {
        peer = address.address
        peerText = address.text
    }

    // MARK: The phases

    func start(_ head: RequestHead, hasBody: Bool) {
        begin(head, hasBody: hasBody)
        run()
    }

    /// For a request that could not be parsed: there is nothing but an id for its answer and its log line.
    func start(unreadable head: RequestHead) {
        begin(head, hasBody: false)
        identify()
    }

    private func run() {
        identify()
        if worker.refusesRequests, refuseForMemory() { return }
        switch role {
        case .proxy: break
        case .endpoints(let router): return answerWithEndpoint(of: router)
        case .httpsRedirect(let port, let router): return redirectToHTTPS(port: port, router: router)
        }
        guard
            readHost(),
            judgeUnderscoreNames(),
            !head.isConnect || connect(),
            normalizePath(),
            findClient(),
            !isControlRequest() || answerControlRequest(),
            let route = matchRoute()
        else { return }
        decide(route)
    }

    /// What happens once the authorizer has said yes.
    private func proceed(_ permit: Permit) {
        self.permit = permit
        switch permit.route.destination {
        case .redirect(let action): answer(redirect(action))
        case .response(let response): answer(direct(response))
        case .unavailable(let reason): answerUnavailable(permit.route, reason)
        case .upstream:
            guard upgradeIsAllowed(permit.route) else { return answer(ProxyReply.upgradeRefused) }
            exchange(permit)
        }
    }

    // MARK: Phase: request id

    private func begin(_ head: RequestHead, hasBody: Bool) {
        generation &+= 1
        state = .running
        snapshot = worker.snapshot
        authorizer = worker.authorizer
        self.head = head
        self.hasBody = hasBody
        startedAt = .now()
        if isCounted { worker.counters.begin() }
        bytesSent = 0
        bytesReceived = 0
        route = nil
        permit = nil
        upstreamAddress = ""
        host = .empty
        path = head.pathView
        clientText = peerText
    }

    private func identify() {
        // Only a trusted hop may name the request: elsewhere the id would be the client's to choose.
        if snapshot.settings.trustedHops > 0, let given = head.first(.xRequestId), let id = RequestID(given) {
            requestID = id
        } else {
            requestID = worker.makeRequestID()
        }
        requestIDText.removeAll(keepingCapacity: true)
        requestID.append(to: &requestIDText)
    }

    // MARK: Phase: host

    private func readHost() -> Bool {
        var name = head.hostName
        if name.last == UInt8(ascii: ".") { name = name.slice(0..<name.count - 1) }
        if name.isEmpty {
            answer(ProxyReply.malformed(.invalidHost))
            return false
        }
        let hasUpperCase = name.withUnsafeBytes { $0.contains { $0 &- 0x41 < 26 } }
        host = hasUpperCase ? ByteView(name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }) : name
        return true
    }

    // MARK: Phase: field names

    private func judgeUnderscoreNames() -> Bool {
        guard head.hasUnderscoreName, snapshot.settings.underscoreNames == .reject else { return true }
        answer(ProxyReply.unexpectedUnderscore)
        return false
    }

    // MARK: Phase: path

    private func normalizePath() -> Bool {
        switch snapshot.settings.pathNormalizer.normalize(head.pathView) {
        case .unchanged: return true
        case .rewritten(let bytes):
            path = ByteView(bytes)
            return true
        case .redirect(let bytes):
            var location = bytes
            if head.query != nil { location += [UInt8(ascii: "?")] + head.queryView.array }
            // 307 keeps method and body.
            answer(
                LocalResponse(
                    status: 307, headers: [("location", String(decoding: location, as: UTF8.self))],
                    detail: ResponseCodeDetail.pathNormalizationRedirect.rawValue))
            return false
        case .rejected:
            answer(ProxyReply.invalidPath)
            return false
        }
    }

    // MARK: Phase: client address

    private func findClient() -> Bool {
        let hops = snapshot.settings.trustedHops
        if hops > 0, let address = ForwardedFor(head).client(trustedHops: hops) {
            client = address
            clientText = address.description
            return true
        }
        // Probes come from load balancers themselves, which do not write their own address.
        if let peer, hops == 0 || isProbe {
            client = peer
            return true
        }
        answer(ProxyReply.unknownClient)
        return false
    }

    var isProbe: Bool { path == ("/ping" as StaticString) || path == ("/healthz" as StaticString) }

    // MARK: Phase: route

    private func matchRoute() -> CompiledRoute? {
        let match = host.withUnsafeBytes { host in
            path.withUnsafeBytes { snapshot.routes.match(host: host, port: head.port, path: $0) }
        }
        switch match {
        case .route(let route):
            self.route = route
            return route
        case .noRoute, .unknownHost: answer(ProxyReply.notFound)
        case .limitExceeded: answer(ProxyReply.routeUndecidable)
        }
        return nil
    }

    /// The whole way of a CONNECT request: it has no path, and its host names what is behind the tunnel. Always false.
    private func connect() -> Bool {
        guard findClient() else { return false }
        guard let port = head.port, let route = snapshot.routes.tunnel(host: host.string, port: port) else {
            // A host of ours that has no tunnel refuses the method, any other name is unknown here.
            if snapshot.routes.knows(host: host.string) { answer(ProxyReply.upgradeRefused) } else { answer(ProxyReply.notFound) }
            return false
        }
        self.route = route
        tunnelHost = host.string
        // Sessions belong to the host where the client signed in.
        host = ByteView(route.from.host.text)
        decide(route)
        return false
    }

    // MARK: Phase: decision

    private func decide(_ route: CompiledRoute) {
        // Nobody can say whom it was meant to let in, so nobody is asked to sign in for it.
        if case .unavailable(let reason) = route.destination { return answerUnavailable(route, reason) }
        let request = AuthorizationRequest(
            route: route, head: head, host: host, path: path, clientAddress: client, requestID: requestID, now: worker.clock())
        switch authorizer.authorize(request, loaded: nil) {
        case .decided(let outcome): decided(outcome)
        case .load(let load):
            let mine = generation
            let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
            let loop = worker.eventLoop
            timer.arm(after: snapshot.settings.authorizationTimeout)
            state = .loading(
                Task {
                    let loaded = await load()
                    loop.execute { bound.value.loaded(loaded, for: request, generation: mine) }
                })
        }
    }

    private func loaded(_ loaded: any LoadedSession, for request: AuthorizationRequest, generation: UInt64) {
        guard generation == self.generation, case .loading = state else { return }
        timer.disarm()
        state = .running
        switch authorizer.authorize(request, loaded: loaded) {
        case .decided(let outcome): decided(outcome)
        // It was given what it asked for: asking again would go on for ever.
        case .load: answer(ProxyReply.authorizationUnavailable)
        }
    }

    private func decided(_ outcome: AuthorizationOutcome) {
        switch outcome {
        case .permit(let permit): proceed(permit)
        case .respond(let response): answer(response)
        }
    }

    // MARK: Phase: upgrade

    private func upgradeIsAllowed(_ route: CompiledRoute) -> Bool {
        guard let token = upgradeToken else { return true }
        return route.upgrades.contains(token)
    }

    /// What the client wants to speak instead, in lower case; nil for an ordinary request. An offer of HTTP/2 may be ignored, and is.
    var upgradeToken: String? {
        guard head.isUpgrade, let value = head.first(.upgrade) else { return nil }
        let token = value.string.lowercased()
        return token == "h2c" ? nil : token
    }

    // MARK: Phase: upstream

    private func exchange(_ permit: Permit) {
        guard let stream else { return }
        let exchange = UpstreamExchange(permit: permit, pipeline: self, stream: stream, worker: worker)
        state = .exchanging(exchange)
        exchange.start()
    }
}
