import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Sessions
import Testing

@Suite struct SignInLocationTests {
    private let keys: KeyRing

    init() throws {
        keys = KeyRing(writing: try #require(RootSecret(Array(0..<32))))
    }

    @Test func carriesTheSealedRequest() throws {
        let request = SignInRequest(
            redirectURL: "https://app.example/a?b=c", callbackAuthority: "app.example", browserDigest: "d", providerID: "p")
        let url = try SignInLocation.url(for: request, authenticateAuthority: "auth.example:8443", keys: keys)
        let prefix = "https://auth.example:8443/.pomerium/sign_in?pomerium_request="
        #expect(url.hasPrefix(prefix))
        #expect(SignInRequest.open(String(url.dropFirst(prefix.count)), with: keys) == request)
    }

    @Test func cutsAddressesThatAreTooLong() throws {
        let long = "https://app.example:444/" + String(repeating: "x", count: SignInRequest.maximumURLLength)
        for (address, expected) in [(long, "https://app.example:444/"), ("javascript:" + long, "https://fallback.example/")] {
            let request = SignInRequest(redirectURL: address, callbackAuthority: "fallback.example", browserDigest: "d", providerID: "p")
            let url = try SignInLocation.url(for: request, authenticateAuthority: "auth.example", keys: keys)
            #expect(url.utf8.count < 2048)
            let token = try #require(url.split(separator: "=").last)
            #expect(SignInRequest.open(String(token), with: keys)?.redirectURL == expected)
        }
    }

    @Test(arguments: [
        ("https://a.example/x", "https://a.example"), ("https://a.example:8443?x", "https://a.example:8443"),
        ("https://a.example#x", "https://a.example"),
        ("https://[::1]:444/", "https://[::1]:444"), ("https://a.example", "https://a.example"), ("http://a.example/", nil),
        ("HTTPS://a.example/", nil),
        ("https:///x", nil), ("https://user@a.example/", nil), ("https://a.example\\@b.example/", nil), ("https://a example/", nil),
        ("//a.example/", nil),
        ("https://ä.example/", nil), ("", nil), ("https://a.example\u{0}/", nil), ("https://a.example%2f@b/", nil),
    ])
    func findsOriginsThatEverybodyReadsAlike(url: String, origin: String?) {
        #expect(SignInLocation.origin(of: url) == origin)
    }

    @Test(arguments: [
        ("a.example", "a.example"), ("A.Example:443", "a.example"), ("a.example.:443", "a.example"), ("[::1]:443", "[::1]"), ("[::1]", "[::1]"),
        ("", ""),
    ])
    func findsTheHostOfAnAuthority(authority: String, host: String) {
        #expect(SignInLocation.host(ofAuthority: authority) == host)
    }
}

@Suite struct FormTokenTests {
    private let token: FormToken

    init() throws {
        token = FormToken(keys: KeyRing(writing: try #require(RootSecret(Array(0..<32)))), cookies: CookieSettings())
    }

    private func post(_ value: String, cookie: String?) -> ControlRequest {
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        headers[.cookie] = cookie
        return ControlRequest(method: .post, host: "h", path: "/", headers: headers, body: Array("form_token=\(value)".utf8))
    }

    @Test func acceptsTheFormThatItServed() throws {
        let (value, cookie) = token.issue(for: ControlRequest(host: "h", path: "/"), form: "sign-in")
        let pair = try #require(cookie).headerValue.split(separator: ";").first.map(String.init)
        #expect(token.isPresent(in: post(value, cookie: pair), form: "sign-in"))
        #expect(!token.isPresent(in: post(value, cookie: pair), form: "sign-out"))
        #expect(!token.isPresent(in: post(value, cookie: nil), form: "sign-in"))
        #expect(!token.isPresent(in: post(value + "A", cookie: pair), form: "sign-in"))
        #expect(!token.isPresent(in: post("", cookie: pair), form: "sign-in"))
        let other = try #require(token.issue(for: ControlRequest(host: "h", path: "/"), form: "sign-in").cookie).headerValue
        #expect(!token.isPresent(in: post(value, cookie: other), form: "sign-in"))
    }

    @Test func keepsTheCookieThatIsThere() throws {
        let first = token.issue(for: ControlRequest(host: "h", path: "/"), form: "f")
        let pair = try #require(first.cookie).headerValue.split(separator: ";").first.map(String.init)
        let again = token.issue(for: ControlRequest(host: "h", path: "/", headers: [.cookie: try #require(pair)]), form: "f")
        #expect(again.cookie == nil && again.value == first.value)
        let planted = token.issue(for: ControlRequest(host: "h", path: "/", headers: [.cookie: "__Host-_pomerium_form=short"]), form: "f")
        #expect(planted.cookie != nil)
    }
}
