import HTTPEndpoints
import HTTPTypes
import Testing

@Suite struct ControlResponseTests {
    @Test func redirectsWithoutBeingStored() {
        let response = ControlResponse.redirect(to: "https://a.example/?x=%20")
        #expect(response.status == .found)
        #expect(response.headers[.location] == "https://a.example/?x=%20")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(ControlResponse.redirect(to: "/", status: .seeOther).status == .seeOther)
    }

    @Test(arguments: ["", "https://a.example/ x", "https://a.example/\r\nSet-Cookie: a=b", "https://a.example/ä", "/\u{7F}", "/\u{0}"])
    func redirectsNowhereElse(location: String) {
        let response = ControlResponse.redirect(to: location)
        #expect(response.status == .internalServerError)
        #expect(response.headers[.location] == nil)
    }

    @Test func protectsPages() {
        let response = ControlResponse.html("<p>", contentSecurityPolicy: "default-src 'none'")
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[.contentSecurityPolicy] == "default-src 'none'")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.referrerPolicy] == "same-origin")
        #expect(ControlResponse.json([]).headers[.contentType] == "application/json")
        #expect(ControlResponse.text("x").headers[.contentType] == "text/plain; charset=utf-8")
    }

    @Test func setsSeveralCookies() {
        var response = ControlResponse(status: .ok)
        response.setCookie(ResponseCookie(name: "a", value: "1", maxAge: nil))
        response.setCookie(ResponseCookie(name: "b", value: "2", maxAge: nil))
        #expect(response.headers[values: .setCookie].count == 2)
    }
}

@Suite struct SameOriginCheckTests {
    @Test(arguments: [HTTPRequest.Method.get, .head, .options])
    func letsSafeMethodsPass(method: HTTPRequest.Method) {
        #expect(SameOriginCheck.passes(ControlRequest(method: method, host: "a", path: "/", headers: [.secFetchSite: "cross-site"])))
    }

    @Test(arguments: [
        ("same-origin", nil, true), ("none", nil, true), ("same-site", nil, false), ("cross-site", nil, false), ("", nil, false),
        ("cross-site", "https://a.example", false), (nil, "https://a.example", true), (nil, "http://a.example", false),
        (nil, "https://b.example", false),
        (nil, "null", false), (nil, "https://a.example:444", false), (nil, nil, true), ("same-origin, cross-site", nil, false),
    ])
    func judgesPostsByTheBrowsersHeaders(site: String?, origin: String?, passes: Bool) {
        var headers = HTTPFields()
        headers[.secFetchSite] = site
        headers[.origin] = origin
        #expect(SameOriginCheck.passes(ControlRequest(method: .post, host: "a.example", path: "/", headers: headers)) == passes)
    }

    @Test func comparesThePortToo() {
        let request = ControlRequest(
            method: .post, host: "a.example", authority: "a.example:8443", path: "/", headers: [.origin: "https://a.example:8443"])
        #expect(SameOriginCheck.passes(request))
    }
}
