/// Version 1, a line of text: `PROXY TCP4 203.0.113.7 192.0.2.1 56324 443`.
enum ProxyProtocolText {
    private static let start = Array("PROXY ".utf8)

    static func parse(_ bytes: UnsafeRawBufferPointer) -> ProxyProtocolHeader.Outcome {
        guard zip(bytes, start).allSatisfy({ $0 == $1 }) else { return .failed(.missing) }
        guard let lineFeed = bytes.prefix(ProxyProtocolHeader.maxTextBytes).firstIndex(of: 0x0A) else {
            return bytes.count >= ProxyProtocolHeader.maxTextBytes ? .failed(.tooLong) : .needMore
        }
        guard lineFeed >= start.count, bytes[lineFeed - 1] == 0x0D else { return .failed(.malformed) }
        let line = UnsafeRawBufferPointer(rebasing: bytes[start.count..<lineFeed - 1])
        guard !line.contains(0x0D) else { return .failed(.malformed) }
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false).map { UnsafeRawBufferPointer(rebasing: $0) }
        // What follows UNKNOWN means nothing.
        if parts[0].elementsEqual("UNKNOWN".utf8) {
            return .header(ProxyProtocolHeader(source: nil, destination: nil), length: lineFeed + 1)
        }
        let address: (UnsafeRawBufferPointer) -> [UInt8]?
        if parts[0].elementsEqual("TCP4".utf8) {
            address = IPAddressText.v4
        } else if parts[0].elementsEqual("TCP6".utf8) {
            address = IPAddressText.v6
        } else {
            return .failed(.unsupported)
        }
        guard parts.count == 5, let source = address(parts[1]), let destination = address(parts[2]), let sourcePort = port(parts[3]),
            let destinationPort = port(parts[4])
        else { return .failed(.malformed) }
        return .header(
            ProxyProtocolHeader(
                source: .init(address: source, port: sourcePort), destination: .init(address: destination, port: destinationPort)),
            length: lineFeed + 1)
    }

    /// Decimal without leading zeros.
    private static func port(_ text: UnsafeRawBufferPointer) -> UInt16? {
        guard (1...5).contains(text.count), text.count == 1 || text[0] != 0x30 else { return nil }
        var number: UInt32 = 0
        for byte in text {
            guard byte &- 0x30 < 10 else { return nil }
            number = number &* 10 &+ UInt32(byte &- 0x30)
        }
        return UInt16(exactly: number)
    }
}

/// Addresses as the PROXY protocol writes them: no zones, brackets or leading zeros.
enum IPAddressText {
    /// Four bytes from `203.0.113.7`.
    static func v4(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != 0x30, part.allSatisfy({ $0 &- 0x30 < 10 }),
                let number = UInt8(exactly: part.reduce(0) { $0 * 10 + Int($1 &- 0x30) })
            else { return nil }
            address.append(number)
        }
        return address
    }

    /// Sixteen bytes from `2001:db8::1` (RFC 4291 section 2.2), the form with dots at its end included.
    static func v6(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard (2...45).contains(text.count) else { return nil }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        var address: [UInt8] = []
        var gap: Int?
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                // `::` leaves an empty part between two colons, and a second one where it stands at an end of the text.
                if index == 0, parts[1].isEmpty { continue }
                if index == parts.count - 1, gap == address.count, parts[index - 1].isEmpty { continue }
                guard gap == nil, index > 0, index < parts.count - 1 else { return nil }
                gap = address.count
            } else if index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let dotted = v4(UnsafeRawBufferPointer(rebasing: part)) else { return nil }
                address += dotted
            } else {
                guard let group = group(part) else { return nil }
                address += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
            guard address.count <= 16 else { return nil }
        }
        guard let gap else { return address.count == 16 ? address : nil }
        guard address.count <= 14 else { return nil }
        address.insert(contentsOf: [UInt8](repeating: 0, count: 16 - address.count), at: gap)
        return address
    }

    private static func group(_ digits: UnsafeRawBufferPointer.SubSequence) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var group: UInt16 = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte &- 0x30
            case 0x41...0x46: digit = byte &- 0x37
            case 0x61...0x66: digit = byte &- 0x57
            default: return nil
            }
            group = group << 4 | UInt16(digit)
        }
        return group
    }
}
