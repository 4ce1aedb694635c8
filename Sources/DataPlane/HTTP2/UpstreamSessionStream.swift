import HTTPWire
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request on an HTTP/2 connection to an upstream. Heads cross between the forms of HTTP/1.1 and HTTP/2 here.
final class UpstreamSessionStream: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let session: UpstreamSession
    private let isReused: Bool
    /// Until the stream is open.
    private var waiting: UpstreamExchange?
    private var exchange: UpstreamExchange?
    private var context: ChannelHandlerContext?
    private var method = RequestMethodKind.other
    private var isReading = false
    private var isPaused = false
    private var needsFlush = false
    private var hasHead = false
    private var hasEnded = false
    private var isRefused = false

    init(session: UpstreamSession, exchange: UpstreamExchange, isReused: Bool) {
        self.session = session
        self.isReused = isReused
        waiting = exchange
    }

    /// The stream could not be made.
    func failed() {
        guard !hasEnded else { return }
        hasEnded = true
        session.streamEnded()
        let exchange = waiting
        waiting = nil
        exchange?.connectFailed(.terminated)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        let exchange = waiting
        waiting = nil
        exchange?.connected(self, reused: isReused)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .headers(let headers): received(headers.headers, endsStream: headers.endStream)
        case .data(let data):
            if case .byteBuffer(let part) = data.data, part.readableBytes > 0 { exchange?.responseBody(part) }
            if data.endStream { ended(trailers: FieldSection()) }
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        exchange?.responseReadComplete()
        readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.upstreamBecameWritable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let closed as NIOHTTP2Errors.StreamClosed: isRefused = closed.errorCode == .refusedStream
        case is NIOHTTP2Errors.NoStreamIDAvailable: isRefused = true
        default: break
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        session.streamEnded()
        let exchange = exchange ?? waiting
        self.exchange = nil
        waiting = nil
        exchange?.upstreamClosed(isUnprocessed: isRefused)
    }

    // MARK: The response

    private func received(_ fields: HPACKHeaders, endsStream: Bool) {
        guard let exchange else { return }
        do {
            if hasHead {
                return ended(trailers: try FieldSection.trailers(fields.lazy.map { (name: $0.name, value: $0.value) }, limits: HTTPLimits()))
            }
            var list = ResponseFieldList()
            for field in fields { try list.add(name: field.name, value: field.value) }
            let head = try list.finish(method: method, endsStream: endsStream)
            if head.status < 200 { return exchange.responseInformational(head) }
            hasHead = true
            exchange.responseHead(head)
            if endsStream { ended(trailers: FieldSection()) }
        } catch {
            exchange.responseFailed(error)
        }
    }

    private func ended(trailers: FieldSection) {
        let exchange = exchange
        self.exchange = nil
        exchange?.responseEnded(trailers: trailers, canReuse: true)
    }

    private func readMore() {
        guard !isReading, !isPaused, exchange != nil, let context, context.channel.isActive else { return }
        isReading = true
        context.read()
    }
}

extension UpstreamSessionStream: UpstreamStream {
    var address: String { session.address }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    func begin(_ exchange: UpstreamExchange, request: UpstreamRequest, head write: (inout ByteBuffer) -> Bool) -> Bool {
        var text = ByteBuffer()
        guard let context, write(&text), let headers = Self.fields(of: text, isTLS: session.pool.tls != nil, request: request) else { return false }
        self.exchange = exchange
        method = request.method
        context.write(Self.wrapOutboundOut(.headers(.init(headers: headers, endStream: !request.hasBody))), promise: nil)
        needsFlush = true
        readMore()
        return true
    }

    private static func fields(of text: ByteBuffer, isTLS: Bool, request: UpstreamRequest) -> HPACKHeaders? {
        let bytes = Array(text.readableBytesView)
        guard let head = try? RequestHead.parse(bytes), let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        var headers = HPACKHeaders([
            (":method", head.methodView.string), (":scheme", isTLS ? "https" : "http"), (":path", head.originTargetView.string),
            (":authority", head.hostView.string),
        ])
        FieldLines.append(Array(bytes[(lineEnd + 1)...]), to: &headers, except: "host")
        if request.wantsTrailers { headers.add(name: "te", value: "trailers") }
        return headers
    }

    func sendBody(_ part: ByteBuffer) {
        guard !hasEnded, let context else { return }
        context.write(Self.wrapOutboundOut(.data(.init(data: .byteBuffer(part)))), promise: nil)
        needsFlush = true
    }

    func sendEnd(trailers: [UInt8]) {
        guard !hasEnded, let context else { return }
        if trailers.isEmpty {
            context.write(Self.wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))), promise: nil)
        } else {
            var headers = HPACKHeaders()
            FieldLines.append(trailers, to: &headers)
            context.write(Self.wrapOutboundOut(.headers(.init(headers: headers, endStream: true))), promise: nil)
        }
        needsFlush = true
    }

    func flush() {
        guard needsFlush, let context else { return }
        needsFlush = false
        context.flush()
    }

    func pauseReading() { isPaused = true }

    func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        readMore()
    }

    /// Streams end by themselves; the connection stays with its session.
    func releaseToPool(snapshot: DataPlaneSnapshot) {
        exchange = nil
    }

    func offerUnused(snapshot: DataPlaneSnapshot) {
        close()
    }

    func close() {
        exchange = nil
        context?.close(promise: nil)
    }
}
