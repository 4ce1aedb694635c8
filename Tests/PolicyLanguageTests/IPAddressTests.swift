import Testing

@testable import PolicyLanguage

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:DB8::A", "2001:db8::a"), ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::FFFF:a00:1", "10.0.0.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("::1.2.3.4", "::102:304"), ("fe80::1:0:0:1", "fe80::1:0:0:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
    ])
    func readsAndWrites(text: String, written: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == written)
        var appended: [UInt8] = []
        address.append(to: &appended)
        #expect(String(decoding: appended, as: UTF8.self) == written)
        #expect(IPAddress(written) == address)
    }

    @Test(arguments: [
        "", ".", ":", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "01.2.3.4", "1.2.3.04", "1.2.3.256", "1.2.3.4 ", " 1.2.3.4", "1.2.3.a",
        "00.0.0.0", "+1.2.3.4", ":::", "1:::2", "::1::", "1::2::3", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "12345::", "g::", "fe80::1%eth0", "fe80::1%25", "[::1]", "::1:", ":1::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3",
        "::1.2.3.04",
        "1.2.3.4::", "1.2.3.4:80", "::ffff:1.2.3.4:5", "0x7f.0.0.1", "2130706433", "١.٢.٣.٤",
    ])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func mappedAddressesEqualTheirIPv4Form() {
        #expect(IPAddress("::ffff:192.0.2.1") == IPAddress("192.0.2.1"))
        #expect(IPAddress("::192.0.2.1") != IPAddress("192.0.2.1"))
        #expect(IPAddress("192.0.2.1")?.isV4 == true)
        #expect(IPAddress(v4: 0xC000_0201) == IPAddress("192.0.2.1"))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.9.9.9/8", "10.0.0.0", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("::ffff:10.0.0.0/104", "10.1.1.1", true), ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("::/0", "10.0.0.1", false), ("10.0.0.1", "10.0.0.1", true),
        ("10.0.0.1", "10.0.0.2", false), ("10.0.0.1/32", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.1", true), ("10.0.0.0/31", "10.0.0.2", false),
        ("2001:db8::/32", "2001:db8:ffff::", true), ("2001:db8::/32", "2001:db9::", false), ("2001:db8::/64", "2001:db8::ffff:1", true),
        ("2001:db8::/64", "2001:db8:0:1::", false), ("2001:db8::/65", "2001:db8::7fff:ffff:ffff:ffff", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:0", false), ("::1/128", "::1", true), ("::1/128", "::2", false),
    ])
    func rangesContain(range: String, address: String, contained: Bool) throws {
        #expect(try #require(IPRange(range)).contains(#require(IPAddress(address))) == contained)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "::/129", "::/0128", "10/8",
        "10.0.0.0/255.0.0.0", "10.0.0.0 /8",
    ])
    func refusesRanges(text: String) {
        #expect(IPRange(text) == nil)
    }

    @Test func writesRangesAsTheyAreUnderstood() {
        #expect(IPRange("10.1.2.3/8")?.description == "10.0.0.0/8")
        #expect(IPRange("2001:db8::1/32")?.description == "2001:db8::/32")
        #expect(IPRange("::1")?.description == "::1")
    }

    /// Reading never traps, and what is read can be written and read again.
    @Test func survivesRandomTexts() {
        var random = SplitMix64(seed: 1)
        let alphabet = Array("0123456789abcdefF:./%[] ")
        for _ in 0..<20_000 {
            let text = String((0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "0" })
            if let address = IPAddress(text) { #expect(IPAddress(address.description) == address) }
            if let range = IPRange(text) { #expect(IPRange(range.description) == range) }
        }
        for _ in 0..<2_000 {
            let sparse = random.next() & random.next() & random.next()
            let address = IPAddress(high: random.next() & random.next() & sparse, low: random.next() & sparse)
            #expect(IPAddress(address.description) == address)
        }
    }
}
