import Testing

@testable import PolicyLanguage

@Suite struct FactTextTests {
    private let text = FactText(Array("GET /a%20b HTTP".utf8), 4..<10)

    @Test func isAPartOfItsStorage() {
        #expect(text == "/a%20b")
        #expect(text == FactText("/a%20b"))
        #expect(text.hashValue == FactText("/a%20b").hashValue)
        #expect(text.count == 6)
        #expect(text.slice(1..<2) == "a")
        #expect(text.slice(4..<99) == "0b")
        #expect(FactText([1, 2], 5..<9).isEmpty)
    }

    @Test func comparesPartsByTheirBytes() {
        #expect(text.hasPrefix("/a") && !text.hasPrefix("a") && text.hasPrefix(""))
        #expect(text.hasSuffix("0b") && !text.hasSuffix("0b ") && text.hasSuffix(""))
        #expect(text.contains("%20") && text.contains("") && !text.contains("GET") && !text.contains("/a%20b "))
        #expect(FactText("aab").contains("ab"))
        #expect(FactText("é") != FactText("e\u{301}"))
        #expect(FactText("Host").equalsIgnoringASCIICase("hOST") && !FactText("Host").equalsIgnoringASCIICase("Hos"))
        #expect(!FactText("@").equalsIgnoringASCIICase("`"))
    }

    @Test(arguments: [("/a%20b", "/a b"), ("/a", "/a"), ("%2525", "%25"), ("%C3%A9", "é"), ("", "")])
    func decodesPercentOnce(encoded: String, decoded: String) {
        #expect(FactText(encoded).percentDecoded == FactText(decoded))
    }

    @Test(arguments: ["%", "%2", "a%", "%zz", "%2g", "%%20"])
    func refusesMalformedEscapes(text: String) {
        #expect(FactText(text).percentDecoded == nil)
    }

    @Test func findsHeaderFieldsInAHead() {
        let head = Array("GET / HTTP/1.1\r\nHost: a\r\nOrigin:https://x \r\nX-Empty:\r\nOrigin: second\r\n\r\n".utf8)
        let headers = HeaderFacts(head, 16..<head.count)
        #expect(headers.value("origin") == "https://x")
        #expect(headers.value("HOST") == "a")
        #expect(headers.value("X-Empty") == "")
        #expect(headers.value("Hos") == nil)
        #expect(headers.value("GET / HTTP/1.1") == nil)
        #expect(HeaderFacts.none.value("Host") == nil)
    }

    @Test func aFieldCannotSmuggleAnother() {
        let headers = HeaderFacts([(name: "A\r\nB: x", value: "1\r\nOrigin: evil")])
        #expect(headers.value("Origin") == nil)
    }
}
