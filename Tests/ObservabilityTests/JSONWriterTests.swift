import Foundation
import HTTPWire
import Testing

@testable import Observability

@Suite struct JSONWriterTests {
    @Test(arguments: ["plain", "quote\"back\\slash", "line\nfeed\r\t", "\u{0}\u{1}\u{7f}", "umlaut ä 漢字 😀", "\u{2028}"])
    func writesStringsThatOthersReadBack(_ text: String) throws {
        var writer = JSONWriter()
        writer.beginArray()
        writer.string(text)
        writer.endArray()
        let read = try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String])
        #expect(read == [text])
    }

    @Test func replacesBytesThatAreNotUTF8() throws {
        var writer = JSONWriter()
        writer.beginArray()
        writer.string(ByteView([0x61, 0xFF, 0xC0, 0x62]))
        writer.endArray()
        let read = try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String])
        #expect(read.first?.hasPrefix("a\u{FFFD}") == true)
    }

    @Test func nestsAndSeparates() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.int(-12)
        writer.key("b")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.thousandths(-1_005)
        writer.endArray()
        writer.key("c")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
        #expect(writer.string == #"{"a":-12,"b":[true,null,-1.005],"c":{}}"#)
    }

    @Test func writesTheSmallestNumber() {
        var writer = JSONWriter()
        writer.int(.min)
        #expect(writer.string == "-9223372036854775808")
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"),
        (1_582_934_400_123_000_000, "2020-02-29T00:00:00.123Z"),
        (4_102_444_799_999_999_999, "2099-12-31T23:59:59.999Z"),
        (-1_000_000, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
    ])
    func writesRFC3339(_ nanoseconds: Int64, _ expected: String) {
        #expect(Timestamp.text(nanoseconds: nanoseconds) == expected)
    }
}
