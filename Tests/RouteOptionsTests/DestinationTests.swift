import Diagnostics
import Routing
import Testing

@Suite struct DestinationTests {
    @Test(arguments: [
        ("http://a", UpstreamTarget(scheme: .http, host: "a", port: 80, authority: "a")),
        ("https://A.example:8443", UpstreamTarget(scheme: .https, host: "a.example", port: 8443, authority: "A.example:8443")),
        ("h2c://a", UpstreamTarget(scheme: .h2c, host: "a", port: 80, authority: "a")),
        ("http://[::1]:81", UpstreamTarget(scheme: .http, host: "::1", port: 81, authority: "[::1]:81")),
        ("http://a,7", UpstreamTarget(scheme: .http, host: "a", port: 80, authority: "a", weight: 7)),
        ("builtin://verify", UpstreamTarget(scheme: .builtin, host: "verify", port: 80, authority: "verify")),
    ])
    func readsTargets(text: String, target: UpstreamTarget) throws {
        let (route, diagnostics) = try SampleRoute.decode("to: \"\(text)\"")
        #expect(route.to == [target])
        #expect(route.toPath == nil)
        #expect(diagnostics.isEmpty)
    }

    @Test(arguments: [("http://a/", nil), ("http://a/b", "/b"), ("http://a/b/", "/b/")] as [(String, String?)])
    func keepsThePathOfTheFirstTarget(text: String, path: String?) throws {
        #expect(try SampleRoute.decode("to: [\"\(text)\", \"http://b\"]").route.toPath == path)
    }

    @Test func readsRedirects() throws {
        let (route, diagnostics) = try SampleRoute.decode(
            "redirect: {https_redirect: true, host_redirect: b.example, port_redirect: 8443, prefix_rewrite: /x/, response_code: 308, strip_query: true}"
        )
        var expected = RedirectAction()
        expected.httpsRedirect = true
        expected.hostRedirect = "b.example"
        expected.portRedirect = 8443
        expected.prefixRewrite = "/x/"
        expected.responseCode = 308
        expected.stripQuery = true
        #expect(route.redirect == expected)
        #expect(diagnostics.isEmpty)
    }

    @Test(arguments: [(4096, []), (4097, ["body-too-large"])])
    func boundsTheBodyOfAResponse(count: Int, codes: [String]) throws {
        let (route, diagnostics) = try SampleRoute.decode("response: {status: 404, body: \(String(repeating: "a", count: count))}")
        #expect(diagnostics.map(\.code) == codes)
        #expect(route.response?.status == 404)
        #expect(route.response?.body.utf8.count == (codes.isEmpty ? count : 0))
    }
}
