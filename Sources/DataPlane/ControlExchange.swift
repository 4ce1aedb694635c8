import HTTPEndpoints
import HTTPTypes
import HTTPWire
import LocalReplies
import NIOCore
import Observability
import Routing

/// Collects the body of a request for one of our own endpoints, bounded, and runs the endpoint as async code.
final class ControlExchange {
    private var body = ByteBuffer()
    private let limit: Int
    private let router: EndpointRouter
    private let pipeline: RequestPipeline
    private var task: Task<Void, Never>?

    init(router: EndpointRouter, pipeline: RequestPipeline) {
        self.router = router
        self.pipeline = pipeline
        limit = pipeline.snapshot.settings.controlBodyLimit
    }

    func append(_ part: ByteBuffer) {
        guard task == nil else { return }
        if pipeline.worker.refusesRequests, pipeline.refuseForMemory() { return }
        var part = part
        guard body.readableBytes + part.readableBytes <= limit else { return pipeline.answer(ProxyReply.contentTooLarge) }
        body.writeBuffer(&part)
    }

    /// The request is complete: asks the endpoint.
    func bodyEnded() {
        guard task == nil else { return }
        let request = pipeline.controlRequest(body: Array(body.readableBytesView))
        body = ByteBuffer()
        let loop = pipeline.worker.eventLoop
        let generation = pipeline.generation
        let bound = NIOLoopBound(pipeline, eventLoop: loop)
        let router = router
        task = Task {
            let result: Result<ControlResponse, any Error>
            do { result = .success(try await router.respond(to: request)) } catch { result = .failure(error) }
            loop.execute { bound.value.endpointAnswered(result, generation: generation) }
        }
    }

    func cancel() {
        task?.cancel()
    }
}

/// Own endpoints and the redirect to https.
extension RequestPipeline {
    // MARK: Phase: own endpoints

    /// `/ping` and `/healthz` belong to us on every host, the rest on hosts that we know, everything on the authenticate host.
    func isControlRequest() -> Bool {
        if isProbe { return true }
        if !snapshot.settings.authenticateHost.isEmpty, host == snapshot.settings.authenticateHost { return true }
        guard Self.isWithin(path, "/.pomerium") || Self.isWithin(path, "/.well-known/pomerium") else { return false }
        return snapshot.routes.knows(host: host.string)
    }

    private static func isWithin(_ path: ByteView, _ prefix: StaticString) -> Bool {
        guard path.hasPrefix(prefix) else { return false }
        return path.count == prefix.utf8CodeUnitCount || path[prefix.utf8CodeUnitCount] == UInt8(ascii: "/")
    }

    /// Always false: the request goes no further.
    func answerControlRequest() -> Bool {
        answerWithEndpoint(of: snapshot.controlRouter)
        return false
    }

    func answerWithEndpoint(of router: EndpointRouter) {
        if host.isEmpty { host = ByteView(head.hostName.string.lowercased()) }
        if case .length(let length) = head.bodyFraming, length > UInt64(clamping: snapshot.settings.controlBodyLimit) {
            return answer(ProxyReply.contentTooLarge)
        }
        let control = ControlExchange(router: router, pipeline: self)
        state = .collecting(control)
        if hasBody { stream?.acceptBody() } else { control.bodyEnded() }
    }

    func controlRequest(body: [UInt8]) -> ControlRequest {
        var headers = HTTPFields()
        for field in head.fields {
            guard let name = HTTPField.Name(head.view(field.name).string) else { continue }
            headers.append(HTTPField(name: name, value: head.view(field.value).string))
        }
        return ControlRequest(
            method: HTTPRequest.Method(rawValue: head.methodView.string) ?? .get, host: host.string, authority: head.hostView.string,
            path: path.string, query: head.queryView.string, headers: headers, body: body, clientAddress: clientText,
            requestID: requestID.description)
    }

    func endpointAnswered(_ result: Result<ControlResponse, any Error>, generation: UInt64) {
        guard generation == self.generation, case .collecting = state else { return }
        switch result {
        case .success(let response):
            answer(
                LocalResponse(
                    status: response.status.code, headers: response.headers.map { ($0.name.rawName, $0.value) }, body: response.body,
                    detail: ResponseCodeDetail.directResponse.rawValue))
        case .failure(let error):
            logFailure("an endpoint failed", error: error)
            answer(ProxyReply.internalError)
        }
    }

    /// A line for the operator, findable by the request id that the client is shown.
    func logFailure(_ message: StaticString, error: any Error) {
        logFailure(message, text: String(describing: error))
    }

    func logFailure(_ message: StaticString, text: String) {
        worker.log.line("error", at: worker.clock()) { writer in
            writer.key("service")
            writer.string("proxy" as StaticString)
            writer.key("message")
            writer.string(message)
            writer.key("request-id")
            writer.string(ByteView(requestIDText))
            writer.key("error")
            writer.string(text)
        }
        worker.scheduleLogFlush()
    }

    func answerUnavailable(_ route: CompiledRoute, _ reason: String) {
        logFailure("a route is not available", text: reason)
        answer(ProxyReply.routeUnavailable)
    }
}
