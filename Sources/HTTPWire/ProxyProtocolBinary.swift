/// Version 2: a signature that no other protocol begins with, four bytes of kind and length, addresses, and typed values.
enum ProxyProtocolBinary {
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    /// Signature, version and command, family and transport, length of the rest.
    private static let fixedBytes = 16
    private static let checksumType: UInt8 = 0x03

    static func parse(_ bytes: UnsafeRawBufferPointer) -> ProxyProtocolHeader.Outcome {
        guard zip(bytes, signature).allSatisfy({ $0 == $1 }) else { return .failed(.missing) }
        if bytes.count > 12, bytes[12] != 0x20, bytes[12] != 0x21 { return .failed(.unsupported) }
        guard bytes.count >= fixedBytes else { return .needMore }
        let length = fixedBytes + Int(bytes[14]) << 8 + Int(bytes[15])
        guard length <= ProxyProtocolHeader.maxBinaryBytes else { return .failed(.tooLong) }
        guard bytes.count >= length else { return .needMore }
        let header = UnsafeRawBufferPointer(rebasing: bytes[..<length])

        // The sender's own connection, such as a health check: whatever else is said does not count.
        if bytes[12] == 0x20 { return .header(ProxyProtocolHeader(source: nil, destination: nil), length: length) }
        let addressBytes: Int
        switch bytes[13] {
        case 0x00: addressBytes = length - fixedBytes
        case 0x11: addressBytes = 12
        case 0x21: addressBytes = 36
        case 0x31: addressBytes = 216
        default: return .failed(.unsupported)
        }
        guard length >= fixedBytes + addressBytes else { return .failed(.malformed) }
        if let error = checkValues(of: header, from: fixedBytes + addressBytes) { return .failed(error) }
        let width = bytes[13] == 0x11 ? 4 : bytes[13] == 0x21 ? 16 : 0
        guard width > 0 else { return .header(ProxyProtocolHeader(source: nil, destination: nil), length: length) }
        let ports = fixedBytes + 2 * width
        return .header(
            ProxyProtocolHeader(
                source: .init(address: Array(header[fixedBytes..<fixedBytes + width]), port: number(header, ports)),
                destination: .init(address: Array(header[fixedBytes + width..<ports]), port: number(header, ports + 2))), length: length)
    }

    /// The typed values end where the header does; a checksum among them is verified (section 2.2.3).
    private static func checkValues(of header: UnsafeRawBufferPointer, from start: Int) -> ProxyProtocolError? {
        var offset = start
        while offset < header.count {
            guard offset + 3 <= header.count else { return .malformed }
            let value = offset + 3
            let end = value + Int(number(header, offset + 1))
            guard end <= header.count else { return .malformed }
            if header[offset] == checksumType {
                guard end - value == 4 else { return .malformed }
                let stated = UInt32(number(header, value)) << 16 | UInt32(number(header, value + 2))
                guard checksum(of: header, zeroing: value..<end) == stated else { return .checksum }
            }
            offset = end
        }
        return nil
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt16 { UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) }

    /// CRC32c (RFC 9260 appendix A) over the header, with these bytes taken as zero.
    static func checksum(of header: UnsafeRawBufferPointer, zeroing hole: Range<Int>) -> UInt32 {
        var crc = UInt32.max
        for index in header.indices {
            crc ^= UInt32(hole.contains(index) ? 0 : header[index])
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }
}
