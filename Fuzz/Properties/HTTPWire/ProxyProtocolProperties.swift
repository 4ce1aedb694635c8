import HTTPWire

/// What must hold for the first bytes of every connection. Nil when it does, the broken rule otherwise.
///
/// No more is decided by a part than by the whole, no byte behind the header matters, and what was read reads the same when it is written anew.
public func proxyProtocolViolation(_ bytes: [UInt8]) -> String? {
    let whole = ProxyProtocolHeader.parse(bytes)
    var first: ProxyProtocolHeader.Outcome?
    for count in 0...min(bytes.count, ProxyProtocolHeader.maxBinaryBytes + 1) {
        let outcome = ProxyProtocolHeader.parse(Array(bytes.prefix(count)))
        if outcome == .needMore {
            if first != nil { return "more is wanted than before" }
            continue
        }
        if first == nil { first = outcome }
        if outcome != first { return "a longer part is read differently" }
    }
    if let first, first != whole { return "the whole is read differently" }
    if first == nil, bytes.count > ProxyProtocolHeader.maxBinaryBytes { return "the parser does not come to an end" }

    guard case .header(let header, let length) = whole else { return nil }
    guard (1...bytes.count).contains(length) else { return "the header is longer than what arrived" }
    if bytes.first == UInt8(ascii: "P"), length > ProxyProtocolHeader.maxTextBytes { return "a line is too long" }
    guard let source = header.source, let destination = header.destination else {
        return header.source == nil && header.destination == nil ? nil : "half of the addresses"
    }
    guard source.address.count == destination.address.count, [4, 16].contains(source.address.count) else { return "addresses of other lengths" }
    for written in [text(source, destination), binary(source, destination)] {
        guard ProxyProtocolHeader.parse(written + bytes) == .header(header, length: written.count) else { return "written anew it reads differently" }
    }
    return nil
}

private func text(_ source: ProxyProtocolHeader.Endpoint, _ destination: ProxyProtocolHeader.Endpoint) -> [UInt8] {
    let words = { (address: [UInt8]) in
        guard address.count == 16 else { return address.map { String($0) }.joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { String(UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]), radix: 16) }.joined(separator: ":")
    }
    let family = source.address.count == 4 ? "TCP4" : "TCP6"
    return Array("PROXY \(family) \(words(source.address)) \(words(destination.address)) \(source.port) \(destination.port)\r\n".utf8)
}

private func binary(_ source: ProxyProtocolHeader.Endpoint, _ destination: ProxyProtocolHeader.Endpoint) -> [UInt8] {
    let ports = [source.port, destination.port].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    let rest = source.address + destination.address + ports
    return [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, source.address.count == 4 ? 0x11 : 0x21]
        + [0, UInt8(rest.count)] + rest
}
