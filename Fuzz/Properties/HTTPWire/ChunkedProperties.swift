import HTTPWire

/// What must hold for every body in the chunked coding. Nil when it does, the broken rule otherwise.
///
/// What comes to an end is what the grammar of RFC 9112 section 7.1 says, read a second time in the plainest way; the pieces do not matter; and
/// content that is coded anew is the same.
public func chunkedViolation(_ bytes: [UInt8]) -> String? {
    let head = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let whole = WireTranscript.ofRequests(head + bytes, step: head.count + bytes.count)
    if whole.isStuck { return "the parser does not come to an end" }
    if WireTranscript.ofRequests(head + bytes, step: 1) != whole { return "the pieces matter" }
    guard let content = content(whole) else { return nil }
    guard plainlyDecoded(bytes) == content else { return "the grammar says something else" }

    var coded = head
    for start in stride(from: 0, to: content.count, by: 7) {
        let piece = content[start..<min(start + 7, content.count)]
        ChunkEncoder.prefix(piece.count, into: &coded)
        coded += piece + [0x0D, 0x0A]
    }
    coded += Array("0\r\n\r\n".utf8)
    guard WireTranscript.ofRequests(coded, step: coded.count).entries.contains(.end([])) else { return "coded anew it does not end" }
    return decoded(coded) == content ? nil : "coded anew it is different"
}

private func decoded(_ bytes: [UInt8]) -> [UInt8]? { content(WireTranscript.ofRequests(bytes, step: 5)) }

/// The content of the first message, if it came to its end.
private func content(_ transcript: WireTranscript) -> [UInt8]? {
    var content: [UInt8] = []
    for entry in transcript.entries {
        switch entry {
        case .body(let bytes): content += bytes
        case .end: return content
        case .failed: return nil
        case .head, .informational: break
        }
    }
    return nil
}

/// Size lines end with CRLF, the size is all hexadecimal digits up to the first other byte, and chunks end with CRLF.
private func plainlyDecoded(_ bytes: [UInt8]) -> [UInt8]? {
    var rest = bytes[...]
    var content: [UInt8] = []
    while let end = rest.firstIndex(of: 0x0A), end > rest.startIndex, rest[end - 1] == 0x0D {
        let digits = rest[rest.startIndex..<end].prefix { (0x30...0x39).contains($0) || (0x41...0x46).contains($0 & 0xDF) }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
        rest = rest[(end + 1)...]
        if size == 0 { return content }
        guard rest.count >= size + 2, rest.dropFirst(size).starts(with: [0x0D, 0x0A]) else { return nil }
        content += rest.prefix(size)
        rest = rest.dropFirst(size + 2)
    }
    return nil
}
