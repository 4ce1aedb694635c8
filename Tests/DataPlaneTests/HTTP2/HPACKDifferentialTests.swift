import NIOCore
import NIOHPACK
import Testing

@testable import HTTPWire

/// The coding of fields held against an independent one, over connections of many blocks.
@Suite struct HPACKDifferentialTests {
    private static let names = [
        "accept", "accept-encoding", "content-type", "x-a", "x-b", "x-request-id", "user-agent", "cookie", "cache-control", "etag",
        "x-long-name-of-a-field",
    ]

    private static func fields(_ generator: inout some RandomNumberGenerator) -> [(name: String, value: String)] {
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in
            let name = names.randomElement(using: &generator) ?? "x"
            switch Int.random(in: 0...5, using: &generator) {
            case 0: return (name, "")
            case 1: return (name, "gzip, deflate")
            case 2: return (name, String(repeating: "v", count: Int.random(in: 0...6000, using: &generator)))
            case 3: return (name, String((0..<30).map { _ in Character(UnicodeScalar(UInt8.random(in: 0x21...0x7E, using: &generator))) }))
            default: return (name, "value-\(Int.random(in: 0...9, using: &generator))")
            }
        }
    }

    @Test(arguments: [true, false]) func whatTheOtherEncodesIsRead(isCoded: Bool) throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var encoder = NIOHPACK.HPACKEncoder(allocator: ByteBufferAllocator(), useHuffmanEncoding: isCoded)
            var decoder = HTTPWire.HPACKDecoder()
            for block in 0..<50 {
                let given = Self.fields(&generator)
                if block % 10 == 9 { try encoder.setDynamicTableSize([0, 200, 4096].randomElement(using: &generator) ?? 0) }
                var buffer = ByteBuffer()
                try encoder.encode(headers: HPACKHeaders(given), to: &buffer)
                var collector = FieldCollector(limits: HTTPLimits(maxTrailerBytes: 1 << 20))
                collector.begin(.trailers)
                let bytes = Array(buffer.readableBytesView)
                #expect(bytes.withUnsafeBytes { decoder.decode($0, into: &collector) })
                let read = collector.trailers.fields.map { "\(collector.trailers.name($0).string): \(collector.trailers.value($0).string)" }
                #expect(read == given.map { "\($0.name): \($0.value)" })
            }
        }
    }

    @Test func whatIsEncodedIsReadByTheOther() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var encoder = HTTPWire.HPACKEncoder()
            var decoder = NIOHPACK.HPACKDecoder(allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096, maxHeaderListSize: 1 << 20)
            for block in 0..<50 {
                let given = Self.fields(&generator)
                if block % 10 == 9 { encoder.allow(tableSize: [0, 200, 4096].randomElement(using: &generator) ?? 0) }
                var bytes: [UInt8] = []
                encoder.begin(&bytes)
                encoder.append(status: 200 + block, to: &bytes)
                encoder.append(given.flatMap { Array("\($0.name.uppercased()): \($0.value)\r\n".utf8) }, to: &bytes)
                var buffer = ByteBuffer(bytes: bytes)
                let read = try decoder.decodeHeaders(from: &buffer).map { "\($0.name): \($0.value)" }
                #expect(read == [":status: \(200 + block)"] + given.map { "\($0.name): \($0.value)" })
            }
        }
    }
}
