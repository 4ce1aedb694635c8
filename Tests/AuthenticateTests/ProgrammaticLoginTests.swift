import Authenticate
import HTTPEndpoints
import KeyMaterial
import Records
import Sessions
import Testing

@Suite struct ProgrammaticLoginTests {
    @Test(arguments: ["http://localhost:8000/", "http://127.0.0.1:1/x", "http://[::1]:80/", "https://localhost/cb?x=1"])
    func deliversTheTokenToALoopbackReceiver(_ url: String) async throws {
        let world = try World()
        let parameters = FormParameters(["pomerium_redirect_uri": url]).encoded
        // The command line asks; the browser, which has no cookie of it, opens what it was told.
        let told = try await Browser(world).open("https://a.test/.pomerium/api/v1/login?\(parameters)")
        #expect(told.status == 200)
        let browser = Browser(world)
        let landing = try await browser.signIn(try await browser.open(told.body))
        #expect(landing.url.hasPrefix(url + (url.contains("?") ? "&" : "?") + "pomerium_jwt="))
        let token = try #require(query(of: landing.url)["pomerium_jwt"])
        let handle = SessionHandle.open(token, with: world.keys, scope: "host:a.test", now: world.clock.seconds)
        #expect(try await handle?.sessionID == world.sessions().first?.id)
        #expect(browser.cookieNames("a.test").isEmpty)
    }

    @Test(arguments: [
        "http://evil.test/", "http://localhost.evil.test/", "//localhost", "http://localhost@evil.test/", "http://evil.test\\@localhost/",
        "ftp://localhost/", "javascript:alert(1)", "http://127.evil.test/", "http://127.0.0.1.evil.test/", "http:localhost", "http://localhost#x", "",
    ])
    func deliversNowhereElse(_ url: String) async throws {
        let world = try World()
        let parameters = FormParameters(["pomerium_redirect_uri": url]).encoded
        #expect(try await Browser(world).open("https://a.test/.pomerium/api/v1/login?\(parameters)").status == 400)
    }

    @Test func answersNotFoundWithoutAReceiver() async throws {
        let landing = try await Browser(World()).open("https://a.test/.pomerium/api/v1/login")
        #expect(landing.status == 404)
        #expect(landing.body == "Not Found\n")
    }
}
