import Authenticate
import HTTPEndpoints
import HTTPTypes
import IdentityProviders
import KeyMaterial
import Records
import Sessions
import Testing

/// Sign-in with the embedded provider, its form included.
@Suite struct EmbeddedFlowTests {
    private static let password = "correct horse battery"

    private func world() async throws -> World {
        let world = try World(embedded: true)
        try await world.directory.add(email: "Ann@Example.com", name: "Ann", groups: ["staff", "admins"], password: Self.password)
        return world
    }

    private func submit(
        _ browser: Browser, _ page: Browser.Landing, email: String = "ann@example.com", password: String = password, token: String? = nil
    ) async throws -> Browser.Landing {
        let value = try #require(page.body.firstMatch(of: /name="form_token" value="([^"]+)"/)).output.1
        return try await browser.post(
            page.url, FormParameters(["form_token": token ?? String(value), "email": email, "password": password]))
    }

    @Test func leadsBackToThePageThatWasAskedFor() async throws {
        let world = try await world()
        let browser = Browser(world)
        let page = try await browser.open("https://a.test/x?y=1")
        #expect(page.url.hasPrefix("https://auth.test/.pomerium/idp/authorize?"))
        let landing = try await submit(browser, page)
        #expect(landing.body == "a.test/x?y=1 for ann@example.com")
        let session = try #require(try await world.sessions().first)
        #expect(session.claims["groups"] == [.string("staff"), .string("admins")])
        #expect(session.claims["email_verified"] == [.bool(true)])
        #expect(session.claims["nonce"] == nil)
        #expect(try await browser.open("https://b.test/z").body == "b.test/z for ann@example.com")
    }

    @Test func finishesTabsInAnyOrderWithOneForm() async throws {
        let world = try await world()
        let browser = Browser(world)
        var pages: [(String, Browser.Landing)] = []
        for tab in 0..<20 {
            let url = "https://a.test/tab/\(tab)"
            pages.append((url, try await browser.open(url)))
        }
        pages.shuffle()
        let (url, page) = pages.removeFirst()
        #expect(try await submit(browser, page).url == url)
        for (index, (url, page)) in pages.enumerated() {
            // Half of them submit their form, half of them are reloaded.
            let landing = index % 2 == 0 ? try await submit(browser, page) : try await browser.open(page.url)
            #expect(landing.url == url)
            #expect(landing.body.hasSuffix("for ann@example.com"))
        }
        #expect(try await world.sessions().count == 1)
    }

    @Test(arguments: [60, 3600, 30 * 3600, 30 * 86_400]) func keepsTheFormGoodForever(_ seconds: Int64) async throws {
        let world = try await world()
        let browser = Browser(world)
        let page = try await browser.open("https://a.test/x")
        world.clock.advance(seconds)
        try world.restart()
        #expect(try await submit(browser, page).url == "https://a.test/x")
    }

    @Test func comesBackWithTheAddressWhereTheFormIsStale() async throws {
        let world = try await world()
        let browser = Browser(world)
        let page = try await browser.open("https://a.test/x")
        browser.jar["auth.test"]?[world.cookies.formName] = nil
        let again = try await submit(browser, page)
        #expect(again.status == 403)
        #expect(again.body.contains("value=\"ann@example.com\""))
        #expect(again.body.contains("open for a while"))
        #expect(try await submit(browser, again).url == "https://a.test/x")
    }

    @Test func refusesAFormOfAnotherSite() async throws {
        let world = try await world()
        let browser = Browser(world)
        let page = try await browser.open("https://a.test/x")
        let value = String(try #require(page.body.firstMatch(of: /name="form_token" value="([^"]+)"/)).output.1)
        let request = ControlRequest(
            method: .post, host: "auth.test", path: "/.pomerium/idp/authorize", query: String(page.url.split(separator: "?", maxSplits: 1)[1]),
            headers: [
                .contentType: "application/x-www-form-urlencoded", HTTPField.Name.secFetchSite: "cross-site",
                .cookie: "\(world.cookies.formName)=\(browser.jar["auth.test"]?[world.cookies.formName] ?? "")",
            ],
            body: Array(FormParameters(["form_token": value, "email": "ann@example.com", "password": Self.password]).encoded.utf8))
        let response = try await world.router.respond(to: request)
        #expect(response.status == .forbidden)
        #expect(response.headers[.location] == nil)
    }

    @Test func signsOutByRemovalOfTheUser() async throws {
        let world = try await world()
        let browser = Browser(world)
        _ = try await submit(browser, browser.open("https://a.test/x"))
        try await world.directory.remove(email: "ann@example.com")
        let landing = try await browser.open("https://a.test/x")
        #expect(landing.url.hasPrefix("https://auth.test/.pomerium/idp/authorize?"))
        #expect(try await submit(browser, landing).status == 401)
    }

    @Test func signsOutByAChangeOfThePassword() async throws {
        let world = try await world()
        let browser = Browser(world)
        _ = try await submit(browser, browser.open("https://a.test/x"))
        try await world.directory.setPassword(email: "ANN@example.com", password: "another password")
        let landing = try await browser.open("https://a.test/x")
        #expect(landing.body.contains("<form"))
        #expect(try await submit(browser, landing).status == 401)
        #expect(try await submit(browser, landing, password: "another password").url == "https://a.test/x")
    }

    @Test func bringsNewGroupsWithoutAForm() async throws {
        let world = try await world()
        let browser = Browser(world)
        _ = try await submit(browser, browser.open("https://a.test/x"))
        try await world.directory.update(email: "ann@example.com", name: "Ann B", groups: ["other"])
        #expect(try await browser.open("https://a.test/x").url == "https://a.test/x")
        #expect(try await world.sessions().map(\.claims["groups"]) == [[.string("other")]])
    }

    @Test func signsOutOfTheProviderToo() async throws {
        let world = try await world()
        let browser = Browser(world)
        _ = try await submit(browser, browser.open("https://a.test/x"))
        let out = try await browser.open("https://a.test/.pomerium/sign_out")
        #expect(out.url == "https://auth.test/.pomerium/signed_out")
        #expect(out.trail.contains { $0.hasPrefix("https://auth.test/.pomerium/idp/end_session?id_token_hint=") })
        #expect(!browser.cookieNames("auth.test").contains(world.cookies.providerName))
        #expect(try await browser.open("https://a.test/x").body.contains("<form"))
    }

    @Test func admitsTheRedirectsAfterTheForm() async throws {
        let world = try await world()
        let page = try await Browser(world).open("https://a.test/x")
        #expect(try #require(page.headers[.contentSecurityPolicy]).contains("form-action 'self' https:"))
    }
}
