import HTTPWire
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// One request as either parser sees it.
private struct PeerRequest: Equatable {
    var method: String
    var target: String
    var fields: [String]
    var body: [UInt8] = []
}

/// What this parser accepts, NIOHTTP1 must accept, and see the same requests: a difference is how requests are smuggled.
@_cdecl("posternFuzzPeerNIOHTTP1")
public func fuzzPeerNIOHTTP1(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let own = ownRequests(bytes)
    guard !own.isEmpty else { return }
    let (peer, error) = peerRequests(bytes)
    for (index, request) in own.enumerated() {
        guard index < peer.count else {
            // The peer knows a fixed list of methods; nothing it says behind one that it does not know is of interest.
            if case .some(HTTPParserError.invalidMethod) = error { return }
            // It takes the method of the HTTP/2 preface for that preface.
            if request.method == "PRI" { return }
            fatalError("the peer refuses (\(error.map { "\($0)" } ?? "waits")): \(request)")
        }
        if request != peer[index] { fatalError("the peer sees \(peer[index]), not \(request)") }
    }
}

/// The complete requests up to the first that may switch protocols, where the peer stops.
private func ownRequests(_ bytes: [UInt8]) -> [PeerRequest] {
    var parser = RequestParser()
    var requests: [PeerRequest] = []
    var current: PeerRequest?
    bytes.withUnsafeBytes { whole in
        var input = whole
        while true {
            let (consumed, event) = parser.consume(input)
            switch event {
            case .needMore, .failed: return
            case .head:
                if parser.head.isConnect || parser.head.first(.upgrade) != nil { return }
                current = PeerRequest(
                    method: parser.head.methodView.string, target: parser.head.targetView.string,
                    fields: parser.head.fields.map { "\(parser.head.section.name($0).string.lowercased()): \(parser.head.section.value($0))" })
            case .body(let range): current?.body += input[range]
            case .end:
                if let complete = current { requests.append(complete) }
                current = nil
            }
            input = UnsafeRawBufferPointer(rebasing: input[consumed...])
        }
    }
    return requests
}

/// The peer leaves a trailing tab in a value, which is optional white space.
private func trimmed(_ value: String) -> String {
    var bytes = Array(value.utf8)[...]
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    return String(decoding: bytes, as: UTF8.self)
}

private func peerRequests(_ bytes: [UInt8]) -> (requests: [PeerRequest], error: (any Error)?) {
    let channel = EmbeddedChannel()
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    var failure: (any Error)?
    do {
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try channel.writeInbound(ByteBuffer(bytes: bytes))
    } catch {
        failure = error
    }
    var requests: [PeerRequest] = []
    var current: PeerRequest?
    while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
        switch part {
        case .head(let head):
            current = PeerRequest(
                method: head.method.rawValue, target: head.uri, fields: head.headers.map { "\($0.name.lowercased()): \(trimmed($0.value))" })
        case .body(let buffer): current?.body += Array(buffer.readableBytesView)
        case .end:
            if let complete = current { requests.append(complete) }
            current = nil
        }
    }
    return (requests, failure)
}
