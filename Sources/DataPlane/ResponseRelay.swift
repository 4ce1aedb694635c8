import HTTPWire
import NIOCore
import Routing

/// The way of a response back to the client: which fields it keeps, and how it is framed.
struct ResponseRelay {
    private let route: CompiledRoute
    let isHead: Bool
    /// The protocol that the client wants to switch to.
    let upgrade: String?
    private(set) var sentStatus = 0
    private(set) var isTunnel = false
    private(set) var hasSeenInformational = false
    private var isChunked = false

    init(route: CompiledRoute, isHead: Bool, upgrade: String?) {
        self.route = route
        self.isHead = isHead
        self.upgrade = upgrade
    }

    var hasStarted: Bool { sentStatus != 0 }

    mutating func informational(_ head: ResponseHead, to stream: any DownstreamStream, worker: LoopWorker) {
        hasSeenInformational = true
        worker.heads.reset()
        worker.heads.copyFields(from: head, except: route.responseHeaders.filter)
        stream.sendInformational(head.status, lines: worker.heads.bytes)
    }

    mutating func head(_ head: ResponseHead, requestID: [UInt8], to stream: any DownstreamStream, worker: LoopWorker) {
        worker.heads.reset()
        copyFields(of: head, into: &worker.heads)
        _ = worker.heads.field("x-request-id", requestID)
        if head.first(.server) == nil { worker.heads.field("server", constant: "postern") }
        // RFC 9110 section 6.6.1: whoever has a clock adds what is missing.
        if head.first(.date) == nil, head.status >= 200 { _ = worker.heads.field("date", worker.dateText) }
        sentStatus = head.status
        if head.isSwitchingProtocols { return startTunnel(head, to: stream, worker: worker) }
        var framing = head.bodyFraming
        // Where the upstream marks the end by closing, the client is told it by chunks.
        if framing == .untilClose { framing = .chunked }
        isChunked = framing == .chunked
        stream.sendHead(
            OutgoingHead(
                status: head.status, reason: head.reasonView, lines: worker.heads.bytes, moreLines: route.responseHeaders.lines, framing: framing,
                declaredLength: isHead || head.status == 304 ? head.declaredLength : nil))
    }

    private mutating func startTunnel(_ head: ResponseHead, to stream: any DownstreamStream, worker: LoopWorker) {
        isTunnel = true
        worker.heads.field("Connection", constant: "Upgrade")
        if let upgrade = head.first(.upgrade) { _ = worker.heads.field("Upgrade", upgrade) }
        stream.sendHead(
            OutgoingHead(
                status: head.status, reason: head.reasonView, lines: worker.heads.bytes, moreLines: route.responseHeaders.lines, framing: .none))
    }

    /// A CONNECT was answered by a connection: the tunnel begins (RFC 9110 section 9.3.6).
    mutating func connected(requestID: [UInt8], to stream: any DownstreamStream, worker: LoopWorker) {
        worker.heads.reset()
        _ = worker.heads.field("x-request-id", requestID)
        worker.heads.field("server", constant: "postern")
        isTunnel = true
        sentStatus = 200
        stream.sendHead(OutgoingHead(status: 200, lines: worker.heads.bytes, framing: .none))
    }

    /// Serialised trailers; they exist only in chunked messages.
    func trailers(_ section: FieldSection, worker: LoopWorker) -> [UInt8] {
        guard isChunked, !section.fields.isEmpty else { return [] }
        worker.heads.reset()
        worker.heads.copyFields(from: section, except: route.responseHeaders.filter)
        return worker.heads.bytes
    }

    private func copyFields(of head: ResponseHead, into heads: inout HeadBuilder) {
        if route.responseHeaders.rewrites.isEmpty, head.first(.xRequestId) == nil {
            return heads.copyFields(from: head, except: route.responseHeaders.filter)
        }
        var pending = route.responseHeaders.rewrites
        for field in head.fields where field.known != .xRequestId {
            if route.responseHeaders.filter.drops(field, of: head.section, hasNominatedFields: head.hasNominatedFields) { continue }
            let name = head.view(field.name)
            let value = head.view(field.value)
            // Only the first value of a field is rewritten, by the first rule whose prefix it has.
            let text = name.string.lowercased()
            if let index = pending.firstIndex(where: { $0.header.lowercased() == text && value.hasPrefix($0.prefix) }) {
                let rule = pending[index]
                pending.removeAll { $0.header.lowercased() == text }
                let rewritten = Array(rule.value.utf8) + value.slice(rule.prefix.utf8.count..<value.count).array
                _ = heads.field(named: name, ByteView(rewritten))
            } else {
                _ = heads.field(named: name, value)
            }
        }
    }
}
