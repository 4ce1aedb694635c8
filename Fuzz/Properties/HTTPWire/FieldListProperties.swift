import HTTPWire

/// What must hold for every field list that an HTTP/2 client sends. Nil when it does, the broken rule otherwise.
///
/// The first byte has the flags; fields are separated by line feeds, names from values by the first space. What becomes a head says what the list
/// said and no more: no field, line or length joins it by the way its text is read.
public func requestFieldListViolation(_ bytes: [UInt8]) -> String? {
    guard let flags = bytes.first else { return nil }
    let endsStream = flags & 1 != 0
    let fields = fieldList(bytes.dropFirst())
    guard let request = requestHead(fields, endsStream: endsStream, limits: HTTPLimits()) else { return nil }
    let head = request.head
    let given = { (name: String) in fields.first { $0.name == name }?.value }

    if request.isExtendedConnect {
        guard given(":method") == "CONNECT", head.methodView == "GET", head.isUpgrade else { return "an extended CONNECT became another request" }
    } else {
        guard head.methodView == given(":method") ?? "" else { return "the method is another one" }
    }
    guard head.hostView == given(":authority") ?? given("host") ?? "" else { return "the host is another one" }
    if !head.isConnect, head.originTargetView != given(":path") ?? "" { return "the target is another one" }
    if head.isConnect != (given(":method") == "CONNECT" && !request.isExtendedConnect) { return "a tunnel that was not asked for" }
    guard head.minorVersion == 1, head.isKeepAlive, !head.hasNominatedFields || request.isExtendedConnect else {
        return "the connection was spoken about"
    }

    let isWebSocket = request.isExtendedConnect && given(":protocol") == "websocket"
    let added = ["host", "connection", "upgrade", "sec-websocket-key", "transfer-encoding"]
    let read = head.fields.map { (head.section.name($0).string, head.section.value($0).string) }.filter { field in
        !added.contains(field.0) || fields.contains { $0.name == field.0 && !["host", "sec-websocket-key"].contains($0.name) }
            || field.0 == "sec-websocket-key" && !isWebSocket
    }
    // A key of the client's own is not what the handshake of HTTP/1.1 is made with.
    if isWebSocket, head.section.count(.secWebSocketKey) != 1 { return "another number of keys" }
    // The host stands in front, from wherever it came.
    let wanted = fields.filter { $0.name != "host" && !(isWebSocket && $0.name == "sec-websocket-key") }
    if let violation = fieldsViolation(read, wanted) { return violation }

    switch (head.bodyFraming, given("content-length")) {
    case (.length(let length), let text?): if UInt64(text.filter { $0 != " " && $0 != "\t" }) != length { return "another length" }
    case (.none, let text?): if !text.allSatisfy({ "0 \t".contains($0) }), !head.isConnect { return "a length was forgotten" }
    case (.chunked, nil): if endsStream { return "content after the end of the stream" }
    case (.none, nil): if !endsStream, !head.isConnect, !request.isExtendedConnect { return "content without framing" }
    default: return "a framing that was not asked for"
    }
    let tight = HTTPLimits(maxHeadBytes: 256, maxFields: 4, maxTargetBytes: 64, maxChunkLineBytes: 16, maxTrailerBytes: 64)
    if let small = requestHead(fields, endsStream: endsStream, limits: tight), small.head.bytes.count > 256 { return "a head beyond its limit" }
    return nil
}

/// What must hold for every field list that an HTTP/2 application sends, as an answer and as trailers; the input is as above.
public func responseFieldListViolation(_ bytes: [UInt8]) -> String? {
    guard let flags = bytes.first else { return nil }
    let endsStream = flags & 1 != 0
    let kinds: [RequestMethodKind] = [.other, .head, .connect, .other]
    let kind = kinds[Int(flags >> 1 & 3)]
    let fields = fieldList(bytes.dropFirst())
    if let trailers = try? FieldSection.trailers(fields, limits: HTTPLimits()) {
        let read = trailers.fields.map { (trailers.name($0).string, trailers.value($0).string) }
        if let violation = fieldsViolation(read, fields) { return "trailers: \(violation)" }
        if read.contains(where: { ["content-length", "transfer-encoding", "host", "connection"].contains($0.0) }) { return "framing in trailers" }
    }
    var list = ResponseFieldList()
    do {
        for field in fields { try list.add(name: field.name, value: field.value) }
        let head = try list.finish(method: kind, endsStream: endsStream)
        guard "\(head.status)" == fields.first(where: { $0.name == ":status" })?.value else { return "the status is another one" }
        let own = ["transfer-encoding", "content-length"]
        let read = head.fields.map { (head.section.name($0).string, head.section.value($0).string) }.filter { field in
            !own.contains(field.0) || fields.contains { $0.name == field.0 }
        }
        if let violation = fieldsViolation(read, fields) { return violation }
        if case .untilClose = head.bodyFraming { return "an answer that only the end of the connection would end" }
        if endsStream, head.bodyFraming == .chunked { return "content after the end of the stream" }
        if head.isSwitchingProtocols, kind != .connect { return "a switch of protocols that HTTP/2 does not have" }
    } catch {}
    return nil
}

private func fieldList(_ bytes: some Sequence<UInt8>) -> [(name: String, value: String)] {
    Array(bytes).split(separator: 0x0A, omittingEmptySubsequences: true).prefix(64).map { line in
        // 0x01 stands for the line feed, which a line of the input cannot have and a value should not.
        let parts = line.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? parts[1].map { $0 == 0x01 ? 0x0A : $0 } : []
        return (String(decoding: parts[0], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
}

private func requestHead(_ fields: [(name: String, value: String)], endsStream: Bool, limits: HTTPLimits) -> FieldCollector.Request? {
    var block: [UInt8] = []
    for (name, value) in fields { block += [0] + literal(Array(name.utf8)) + literal(Array(value.utf8)) }
    var collector = FieldCollector(limits: limits)
    var decoder = HPACKDecoder()
    collector.begin()
    guard block.withUnsafeBytes({ decoder.decode($0, into: &collector) }) else { return nil }
    return try? collector.finish(endsStream: endsStream) { Array("dGhlIHNhbXBsZSBub25jZQ==".utf8) }
}

/// A text as RFC 7541 section 5.2 writes it without Huffman coding.
func literal(_ text: [UInt8]) -> [UInt8] {
    guard text.count >= 127 else { return [UInt8(text.count)] + text }
    var (length, rest) = ([UInt8(127)], text.count - 127)
    while rest >= 128 {
        length.append(UInt8(rest & 127 | 128))
        rest >>= 7
    }
    return length + [UInt8(rest)] + text
}

/// Whether the fields of a head are those of the list, in order; white space around values is none of them.
private func fieldsViolation(_ read: [(String, String)], _ fields: [(name: String, value: String)]) -> String? {
    let wanted = fields.filter { !$0.name.hasPrefix(":") }
    guard read.count == wanted.count else { return "\(wanted.count) fields became \(read.count)" }
    for (field, given) in zip(read, wanted) where field.0 != given.name || Array(field.1.utf8) != trimmed(given.value) {
        return "a field is read differently"
    }
    return nil
}

private func trimmed(_ text: String) -> [UInt8] {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    return Array(Array(text.utf8.drop(while: isSpace)).reversed().drop(while: isSpace).reversed())
}
