import HTTPWire
import PolicyLanguage
import Routing
import Testing

@testable import DataPlane

@Suite struct RequestIdentityTests {
    @Test(arguments: [
        ("0b6ee1a4-5d20-4b0a-8f54-5a3b1c7d9e10", true), ("0B6EE1A4-5D20-4B0A-8F54-5A3B1C7D9E10", true),
        ("0b6ee1a4-5d20-1b0a-8f54-5a3b1c7d9e10", false), ("0b6ee1a4-5d20-4b0a-0f54-5a3b1c7d9e10", false),
        ("0b6ee1a45d204b0a8f545a3b1c7d9e10", false), ("0b6ee1a4-5d20-4b0a-8f54-5a3b1c7d9e1g", false), ("", false),
    ])
    func keepsOnlyVersion4(text: String, isKept: Bool) {
        let id = RequestID(ByteView(text))
        #expect((id != nil) == isKept)
        if let id { #expect(id.description == text.lowercased()) }
    }

    @Test func idsDiffer() {
        var source = RequestIDSource()
        #expect(Set((0..<1000).map { _ in source.makeID() }).count == 1000)
    }

    /// Fields, hops, client.
    @Test(arguments: [
        ("X-Forwarded-For: 1.1.1.1, 2.2.2.2", 1, "2.2.2.2"), ("X-Forwarded-For: 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
        ("X-Forwarded-For: 1.1.1.1, 2.2.2.2", 3, nil), ("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2", 1, "2.2.2.2"),
        ("X-Forwarded-For: evil, 2.2.2.2", 2, nil), ("X-Forwarded-For: 1.2.3.4:5678", 1, "1.2.3.4"),
        ("X-Forwarded-For: [2001:db8::1]:99", 1, "2001:db8::1"), ("X-Forwarded-For: 2001:db8::1", 1, "2001:db8::1"),
        ("X-Forwarded-For: ,,1.1.1.1,", 1, "1.1.1.1"), ("X-Forwarded-For:", 1, nil), ("X-Other: 1.1.1.1", 1, nil),
    ])
    func countsTrustedHopsFromTheRight(field: String, hops: Int, client: String?) throws {
        let head = try RequestHead.parse(Array("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n".utf8))
        #expect(ForwardedFor(head).client(trustedHops: hops)?.description == client)
    }

    @Test(arguments: [
        ("Pomerium abc", true), ("pomerium abc", true), ("Pomerium", true), ("Pomeriumx abc", false), ("Bearer Pomerium-abc", true),
        ("BEARER \t pomerium-abc", true), ("Bearer Pomeriumabc", false), ("Bearer abc", false), ("Bearer", false), ("Basic Pomerium-", false),
    ])
    func knowsItsOwnCredentials(value: String, isOurs: Bool) {
        #expect(UpstreamRequestHead.isOurs(ByteView(value)) == isOurs)
    }

    @Test(arguments: [
        (Int64(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
    ])
    func writesDates(seconds: Int64, text: String) {
        var date = HTTPDate()
        date.update(nanoseconds: seconds * 1_000_000_000 + 1)
        #expect(String(decoding: date.text, as: UTF8.self) == text)
    }
}
