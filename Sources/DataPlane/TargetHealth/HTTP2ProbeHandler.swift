import NIOCore
import NIOHPACK
import NIOHTTP2
import Routing

/// One request on an HTTP/2 stream: a plain one whose status decides, or one of the gRPC health protocol.
final class HTTP2ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    enum Question {
        case http(HTTPProbe)
        case grpc(service: String)
    }

    private let question: Question
    private let authority: String
    private let isTLS: Bool
    private let probe: HealthProbe
    private var message = ByteBuffer()

    /// An answer of the health protocol has seven bytes.
    private static let maxMessage = 1024

    init(_ question: Question, authority: String, isTLS: Bool, of probe: HealthProbe) {
        self.question = question
        self.authority = authority
        self.isTLS = isTLS
        self.probe = probe
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        switch question {
        case .http(let settings):
            write(headers(method: settings.method, path: settings.path), endStream: true, context)
            context.flush()
        case .grpc(let service):
            var headers = headers(method: "POST", path: "/grpc.health.v1.Health/Check")
            headers.add(name: "content-type", value: "application/grpc")
            headers.add(name: "te", value: "trailers")
            write(headers, endStream: false, context)
            let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(GRPCHealthMessage.request(service: service)), endStream: true)
            context.writeAndFlush(Self.wrapOutboundOut(.data(data)), promise: nil)
        }
    }

    private func headers(method: String, path: String) -> HPACKHeaders {
        [
            ":method": method, ":scheme": isTLS ? "https" : "http", ":authority": authority, ":path": path, "user-agent": HealthProbe.userAgent,
        ]
    }

    private func write(_ headers: HPACKHeaders, endStream: Bool, _ context: ChannelHandlerContext) {
        context.write(Self.wrapOutboundOut(.headers(.init(headers: headers, endStream: endStream))), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .headers(let frame): received(frame.headers)
        case .data(let frame):
            guard case .byteBuffer(var bytes) = frame.data, message.readableBytes + bytes.readableBytes <= Self.maxMessage else { return }
            message.writeBuffer(&bytes)
        default: break
        }
    }

    private func received(_ headers: HPACKHeaders) {
        let status = headers.first(name: ":status").flatMap { Int($0) }
        if let status, (100..<200).contains(status) { return }
        switch question {
        case .http(let settings):
            guard let status else { return }
            let (answer, reason) = settings.judge(status)
            probe.finish(answer, reason)
        case .grpc:
            if let status, status != 200 { return probe.finish(.refused, "status_\(status)") }
            guard let code = headers.first(name: "grpc-status") else { return }
            let isServing = code == "0" && GRPCHealthMessage.isServing(message)
            probe.finish(isServing ? .passed : .refused, code == "0" ? (isServing ? "serving" : "not_serving") : "grpc_status_\(code.prefix(16))")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        probe.finish(.failed, "remote_reset")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        probe.finish(.failed, "protocol_error")
    }
}

/// The two messages of `grpc.health.v1`: `HealthCheckRequest {string service = 1}` and `HealthCheckResponse {ServingStatus status = 1}`, each behind
/// the five bytes of gRPC's framing.
enum GRPCHealthMessage {
    static func request(service: String) -> ByteBuffer {
        var body = ByteBuffer()
        if !service.isEmpty {
            body.writeInteger(UInt8(0x0A))
            var length = service.utf8.count
            while length >= 0x80 {
                body.writeInteger(UInt8(length & 0x7F | 0x80))
                length >>= 7
            }
            body.writeInteger(UInt8(length))
            body.writeString(service)
        }
        var message = ByteBuffer()
        message.writeInteger(UInt8(0))
        message.writeInteger(UInt32(body.readableBytes))
        message.writeBuffer(&body)
        return message
    }

    /// Whether the answer is `SERVING` (1). Of fields behind the status nothing is expected.
    static func isServing(_ message: ByteBuffer) -> Bool {
        var rest = message
        guard rest.readInteger(as: UInt8.self) == 0, let length = rest.readInteger(as: UInt32.self), rest.readableBytes >= Int(length) else {
            return false
        }
        return rest.readInteger(as: UInt8.self) == 0x08 && rest.readInteger(as: UInt8.self) == 1
    }
}
