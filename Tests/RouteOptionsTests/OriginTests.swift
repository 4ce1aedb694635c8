import Diagnostics
import Routing
import Testing

@Suite struct OriginTests {
    @Test(
        arguments: [
            ("https://app.example.com", "app.example.com", nil), ("https://APP.example.com:443/", "app.example.com", nil),
            ("https://app.example.com:8443", "app.example.com", 8443), ("http://app.example.com:80", "app.example.com", nil),
            ("http://app.example.com:443", "app.example.com", 443), ("https://*.example.com", "*.example.com", nil), ("https://[::1]:9", "[::1]", 9),
        ] as [(String, String, UInt16?)])
    func readsFrom(text: String, host: String, port: UInt16?) throws {
        let (route, _) = try SampleRoute.decodeWhole("- {from: \"\(text)\", to: \"http://a\", allow_any_authenticated_user: true}")
        #expect(route.from?.host == HostPattern(host: host, port: port))
        #expect(route.from?.text == text)
    }

    @Test func readsWhatPeopleSee() throws {
        let (route, diagnostics) = try SampleRoute.decode("to: http://a\nname: Wiki\ndescription: Notes\nlogo_url: https://a/b.svg")
        #expect(route.name == "Wiki")
        #expect(route.explanation == "Notes")
        #expect(route.logoURL == "https://a/b.svg")
        #expect(diagnostics.isEmpty)
    }

    @Test func refusesNamesThatWouldBreakALogLine() throws {
        #expect(try SampleRoute.decode("to: http://a\nname: \"a\\nb\"").diagnostics.map(\.code) == ["invalid-name"])
    }

    @Test func readsKeysInAnyCase() throws {
        #expect(try SampleRoute.decode("To: http://a\nPrefix: /a/").diagnostics.isEmpty)
        #expect(try SampleRoute.decode("to: http://a\nTO: http://b").diagnostics.map(\.code) == ["duplicate-key"])
    }

    @Test func takesNullAsUnset() throws {
        let (route, diagnostics) = try SampleRoute.decode("to: http://a\nprefix:\nallowed_users:\ntimeout: ~")
        #expect(diagnostics.isEmpty)
        #expect(route.timeout == nil)
    }
}
