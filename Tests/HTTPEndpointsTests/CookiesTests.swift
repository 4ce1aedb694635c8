import HTTPEndpoints
import Testing

@Suite struct CookiesTests {
    @Test(arguments: [
        ("a=1", [["a", "1"]]), ("a=1; b=2", [["a", "1"], ["b", "2"]]), ("a=1;b=2", [["a", "1"], ["b", "2"]]),
        (" a = 1 ;\tb=2\t", [["a", "1"], ["b", "2"]]),
        ("a=1; a=2", [["a", "1"], ["a", "2"]]), ("a=b=c", [["a", "b=c"]]), ("a=", [["a", ""]]), ("=v", [["", "v"]]), ("novalue; a=1", [["a", "1"]]),
        ("", []), (";;;", []), ("a=\"q\"", [["a", "\"q\""]]),
    ])
    func readsTheRequestHeader(header: String, pairs: [[String]]) {
        #expect(CookieHeader.parse(header).map { [$0.name, $0.value] } == pairs)
    }

    @Test func readsABoundedNumberOfPairs() {
        #expect(CookieHeader.parse(String(repeating: "a=1;", count: 10_000)).count == 512)
    }

    @Test func writesEveryAttribute() {
        let cookie = ResponseCookie(name: "n", value: "v", maxAge: 60, domain: "example.com", sameSite: .strict)
        #expect(cookie.headerValue == "n=v; Path=/; Domain=example.com; Max-Age=60; Secure; HttpOnly; SameSite=Strict")
        #expect(ResponseCookie(name: "n", value: "v", maxAge: nil, httpOnly: false, sameSite: nil).headerValue == "n=v; Path=/; Secure")
        #expect(ResponseCookie(name: "n", value: "v", maxAge: nil, sameSite: ResponseCookie.SameSite.none).headerValue.hasSuffix("SameSite=None"))
    }

    @Test func removesWithAnEmptyValueOfNoAge() {
        #expect(ResponseCookie.removal(of: "n", domain: "d").headerValue == "n=; Path=/; Domain=d; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    }
}
