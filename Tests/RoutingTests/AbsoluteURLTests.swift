import Testing

@testable import Routing

@Suite struct AbsoluteURLTests {
    @Test func takesAURLApart() throws {
        let url = try AbsoluteURL("HTTPS://user:pw@App.Example.com:8443/a/b?c=d#e")
        #expect(url.scheme == "https")
        #expect(url.host == "app.example.com")
        #expect(url.port == 8443)
        #expect(url.path == "/a/b")
        #expect(url.query == "c=d")
        #expect(url.fragment == "e")
        #expect(url.hasUserInfo)
        #expect(url.authority == "App.Example.com:8443")
        #expect(url.origin == "https://app.example.com:8443")
    }

    @Test(arguments: [
        ("https://a", UInt16(443), "https://a"), ("http://a", 80, "http://a"), ("https://a:443/", 443, "https://a"),
        ("http://[::1]:8080", 8080, "http://[::1]:8080"),
        ("https://a:", 443, "https://a"),
    ])
    func fillsInTheSchemesPort(text: String, port: UInt16, origin: String) throws {
        let url = try AbsoluteURL(text)
        #expect(url.effectivePort == port)
        #expect(url.origin == origin)
    }

    @Test(arguments: [
        ("", "url cannot be empty"), ("app.example.com", "app.example.com url does not contain a valid scheme"),
        ("//app", "//app url does not contain a valid scheme"), ("1s://a", "1s://a url does not contain a valid scheme"),
        ("https://", "https:// url does not contain a valid hostname"), ("https:///a", "https:///a url does not contain a valid hostname"),
        ("https://a..b", "https://a..b url does not contain a valid hostname"),
        ("https://[::1", "https://[::1 url does not contain a valid hostname"),
        ("https://a:0", "https://a:0 has the invalid port 0"), ("https://a:65536", "https://a:65536 has the invalid port 65536"),
        ("https://a:x", "https://a:x has the invalid port x"), ("https://a%2fb", "https://a%2fb url does not contain a valid hostname"),
        ("https://a b", "https://a b contains a blank or a character outside ASCII, which a url must write with percent signs or punycode"),
        (
            "https://bücher.example",
            "https://bücher.example contains a blank or a character outside ASCII, which a url must write with percent signs or punycode"
        ),
    ])
    func refusesWhatIsNoURL(text: String, message: String) {
        #expect(throws: AbsoluteURL.Problem(message: message)) { try AbsoluteURL(text) }
    }
}
