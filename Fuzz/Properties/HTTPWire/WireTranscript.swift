import HTTPWire

/// What a parser reported for one stream of bytes, with content joined, so that two ways to feed the same bytes can be compared.
struct WireTranscript: Equatable {
    enum Entry: Equatable {
        case head([String])
        case informational([String])
        case body([UInt8])
        case end([String])
        case failed(WireError)
    }

    var entries: [Entry] = []
    /// The parser took more calls than any input can need.
    var isStuck = false

    mutating func appendBody(_ bytes: UnsafeRawBufferPointer) {
        if case .body(var joined)? = entries.last {
            joined.append(contentsOf: bytes)
            entries[entries.count - 1] = .body(joined)
        } else {
            entries.append(.body(Array(bytes)))
        }
    }

    static func fields(_ section: FieldSection) -> [String] {
        section.fields.map { "\(section.name($0)): \(section.value($0)) (\($0.known))" }
    }

    static func summary(_ head: RequestHead) -> [String] {
        [
            "\(head.methodView)", "\(head.targetForm)", "\(head.targetView)", "\(head.pathView)", head.query == nil ? "-" : "?\(head.queryView)",
            "\(head.hostName)", head.port.map(String.init) ?? "-", "\(head.bodyFraming)",
            "\(head.isKeepAlive) \(head.expectsContinue) \(head.isUpgrade) \(head.hasNominatedFields) \(head.hasUnderscoreName)",
        ] + fields(head.section)
    }

    static func summary(_ head: ResponseHead) -> [String] {
        [
            "\(head.minorVersion) \(head.status) \(head.reasonView)", "\(head.bodyFraming) \(head.declaredLength ?? 0)",
            "\(head.isKeepAlive) \(head.isSwitchingProtocols) \(head.hasNominatedFields)",
        ] + fields(head.section)
    }

    /// Feeds `bytes` to a request parser in pieces of `step` bytes and calls `onHead` with every head.
    static func ofRequests(
        _ bytes: [UInt8], step: Int, limits: HTTPLimits = HTTPLimits(), onHead: (RequestHead) -> Void = { _ in }
    ) -> WireTranscript {
        var parser = RequestParser(limits: limits)
        var transcript = WireTranscript()
        transcript.feed(bytes, step: step) { input, transcript in
            let (consumed, event) = parser.consume(input)
            switch event {
            case .needMore: return (consumed, .more)
            case .head:
                transcript.entries.append(.head(summary(parser.head)))
                onHead(parser.head)
            case .body(let range): transcript.appendBody(UnsafeRawBufferPointer(rebasing: input[range]))
            case .end: transcript.entries.append(.end(fields(parser.trailers)))
            case .failed(let error):
                transcript.entries.append(.failed(error))
                return (consumed, .stop)
            }
            return (consumed, .again)
        }
        return transcript
    }

    /// Feeds `bytes` to a response parser in pieces of `step` bytes; `methods` are asked in turn, then the input closes.
    static func ofResponses(
        _ bytes: [UInt8], step: Int, methods: [RequestMethodKind], limits: HTTPLimits = HTTPLimits(), onHead: (ResponseHead) -> Void = { _ in }
    ) -> WireTranscript {
        var parser = ResponseParser(limits: limits)
        var transcript = WireTranscript()
        var remaining = methods[...]
        if let first = remaining.popFirst() { parser.expect(requestMethod: first) }
        transcript.feed(bytes, step: step) { input, transcript in
            let (consumed, event) = parser.consume(input)
            switch event {
            case .needMore:
                if consumed < input.count { return (consumed, .stop) }
                return (consumed, .more)
            case .informational: transcript.entries.append(.informational(summary(parser.head)))
            case .head:
                transcript.entries.append(.head(summary(parser.head)))
                onHead(parser.head)
            case .body(let range): transcript.appendBody(UnsafeRawBufferPointer(rebasing: input[range]))
            case .end:
                transcript.entries.append(.end(fields(parser.trailers)))
                if let next = remaining.popFirst() { parser.expect(requestMethod: next) }
            case .failed(let error):
                transcript.entries.append(.failed(error))
                return (consumed, .stop)
            }
            return (consumed, .again)
        }
        switch parser.inputClosed() {
        case .end: transcript.entries.append(.end(fields(parser.trailers)))
        case .failed(let error):
            if transcript.entries.last != .failed(error) { transcript.entries.append(.failed(error)) }
        default: break
        }
        return transcript
    }

    private enum Next {
        case more, again, stop
    }

    private mutating func feed(_ bytes: [UInt8], step: Int, consume: (UnsafeRawBufferPointer, inout WireTranscript) -> (Int, Next)) {
        var position = 0
        var calls = 0
        while true {
            // Each piece is a buffer of its own, so that reading beyond it is seen.
            let piece = Array(bytes[position..<min(position + step, bytes.count)])
            var taken = 0
            var next = Next.again
            while next == .again {
                calls += 1
                if calls > 8 * bytes.count + 16 {
                    isStuck = true
                    return
                }
                let (consumed, after) = piece.withUnsafeBytes { consume(UnsafeRawBufferPointer(rebasing: $0[taken...]), &self) }
                taken += consumed
                next = after
            }
            position += piece.count
            if next == .stop || position >= bytes.count { return }
        }
    }
}
