import HTTPWire

/// What must hold for every stream of bytes that a client sends. Nil when it does, the broken rule otherwise.
///
/// The way the bytes are cut does not matter; the parser comes to an end; and a head that is forwarded reads the same to the next hop.
public func requestParserViolation(_ bytes: [UInt8]) -> String? {
    var violation: String?
    let whole = WireTranscript.ofRequests(bytes, step: max(1, bytes.count)) { head in
        violation = violation ?? forwardingViolation(head)
    }
    if whole.isStuck { return "the parser does not come to an end" }
    if let violation { return violation }
    for step in [1, 2 + bytes.count % 13] where WireTranscript.ofRequests(bytes, step: step) != whole {
        return "pieces of \(step) bytes are read differently"
    }
    let tight = HTTPLimits(maxHeadBytes: 256, maxFields: 4, maxTargetBytes: 64, maxChunkLineBytes: 16, maxTrailerBytes: 64)
    if WireTranscript.ofRequests(bytes, step: 1, limits: tight) != WireTranscript.ofRequests(bytes, step: max(1, bytes.count), limits: tight) {
        return "under tight limits the pieces matter"
    }
    return nil
}

/// What must hold for every stream of bytes that an upstream sends; the first byte picks the methods that were asked.
public func responseParserViolation(_ bytes: [UInt8]) -> String? {
    guard let choice = bytes.first else { return nil }
    let kinds: [RequestMethodKind] = [.other, .head, .connect, .other]
    let methods = [kinds[Int(choice & 3)], kinds[Int(choice >> 2 & 3)], .other]
    let stream = Array(bytes.dropFirst())
    var violation: String?
    let whole = WireTranscript.ofResponses(stream, step: max(1, stream.count), methods: methods) { head in
        violation = violation ?? forwardingViolation(head)
    }
    if whole.isStuck { return "the parser does not come to an end" }
    if let violation { return violation }
    for step in [1, 2 + stream.count % 13] where WireTranscript.ofResponses(stream, step: step, methods: methods) != whole {
        return "pieces of \(step) bytes are read differently"
    }
    return nil
}

private let managedNames = ["x-forwarded-for", "x-forwarded-proto", "authorization"]

private func forwardingViolation(_ head: RequestHead) -> String? {
    let filter = FieldFilter(dropping: managedNames + ["host", "cookie"])
    var builder = HeadBuilder()
    guard builder.requestLine(method: head.methodView, target: head.isConnect ? head.targetView : head.originTargetView) else {
        return "an accepted request line cannot be written"
    }
    guard builder.field("Host", head.hostView) else { return "an accepted host cannot be written" }
    builder.copyFields(from: head, except: filter)
    builder.cookies(from: head, except: CookieNames(names: [], prefixes: []))
    builder.framing(head.bodyFraming)
    builder.end()

    guard let forwarded = try? RequestHead.parse(builder.bytes) else { return "a forwarded head is refused" }
    guard forwarded.bodyFraming == head.bodyFraming else { return "a forwarded head has another framing" }
    guard forwarded.methodView == head.methodView, forwarded.hostView == head.hostView else { return "a forwarded head has another method or host" }
    guard forwarded.pathView == head.pathView, forwarded.queryView == head.queryView else { return "a forwarded head has another path" }
    guard !forwarded.hasNominatedFields, !forwarded.isUpgrade else { return "a hop-by-hop field was forwarded" }
    for field in forwarded.fields {
        let folded = forwarded.section.name(field).string.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let name = String(folded)
        if name.hasPrefix("x-pomerium-") { return "a field of the proxy's namespace was forwarded" }
        if managedNames.contains(name) { return "a managed field was forwarded" }
        if ["connection", "keep-alive", "upgrade", "trailer", "proxy-authorization"].contains(name) { return "a hop-by-hop field was forwarded" }
    }
    return nil
}

private func forwardingViolation(_ head: ResponseHead) -> String? {
    var builder = HeadBuilder()
    guard builder.statusLine(head.status, reason: head.reasonView) else { return "an accepted status line cannot be written" }
    builder.copyFields(from: head, except: FieldFilter())
    builder.framing(head.bodyFraming)
    builder.end()
    var parser = ResponseParser()
    parser.expect(requestMethod: head.isSwitchingProtocols && head.status != 101 ? .connect : .other)
    let (consumed, event) = builder.bytes.withUnsafeBytes { parser.consume($0) }
    guard consumed == builder.bytes.count, event == .head else { return "a forwarded head is refused" }
    guard parser.head.status == head.status else { return "a forwarded head has another status" }
    // A response to HEAD is read here as one to GET, which has content.
    if head.bodyFraming != .none, parser.head.bodyFraming != head.bodyFraming { return "a forwarded head has another framing" }
    return nil
}
