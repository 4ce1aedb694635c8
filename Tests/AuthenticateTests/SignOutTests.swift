import Authenticate
import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records
import Sessions
import Testing

@Suite struct SignOutTests {
    private func signedIn(_ configure: (World) -> Void = { _ in }) async throws -> (World, Browser) {
        let world = try World(configure: configure)
        let browser = Browser(world)
        _ = try await browser.signIn(browser.open("https://a.test/"))
        _ = try await browser.open("https://b.test/")
        return (world, browser)
    }

    @Test func endsTheSessionEverywhereAndAtTheProvider() async throws {
        let (world, browser) = try await signedIn()
        let landing = try await browser.open("https://a.test/.pomerium/sign_out")
        #expect(
            landing.url.hasPrefix(
                "https://idp.test/logout?id_token_hint=id-token&post_logout_redirect_uri=https%3A%2F%2Fauth.test%2F.pomerium%2Fsigned_out"))
        #expect(try await world.sessions().isEmpty)
        #expect(world.stub.with { $0.revocations } == 1)
        #expect(!browser.cookieNames("a.test").contains(world.cookies.sessionName))
        #expect(!browser.cookieNames("auth.test").contains(world.cookies.authenticateName))
        #expect(try await browser.open("https://b.test/").body == "provider")
    }

    @Test func worksByFormToo() async throws {
        let (world, browser) = try await signedIn()
        let landing = try await browser.post("https://a.test/.pomerium/sign_out", FormParameters())
        #expect(landing.url.hasPrefix("https://idp.test/logout"))
        #expect(try await world.sessions().isEmpty)
    }

    @Test(arguments: [("image", "cross-site"), ("iframe", "cross-site"), ("image", "same-origin"), ("empty", "same-site"), ("script", "none")])
    func ignoresWhatAPageEmbeds(_ destination: String, _ site: String) async throws {
        let (world, browser) = try await signedIn()
        browser.headers = [HTTPField.Name.secFetchDest: destination, HTTPField.Name.secFetchSite: site]
        #expect(try await browser.open("https://a.test/.pomerium/sign_out").status == 403)
        #expect(try await world.sessions().count == 1)
        browser.headers = [HTTPField.Name.secFetchDest: "document", HTTPField.Name.secFetchSite: "cross-site"]
        #expect(try await browser.open("https://a.test/.pomerium/sign_out").status == 200)
        #expect(try await world.sessions().isEmpty)
    }

    @Test func asksFirstOnTheAuthenticateHost() async throws {
        let (world, browser) = try await signedIn()
        let page = try await browser.open("https://auth.test/.pomerium/sign_out")
        #expect(page.status == 200)
        #expect(page.body.contains("ann@example.com"))
        #expect(try await world.sessions().count == 1)
        _ = try await browser.post("https://auth.test/.pomerium/sign_out", FormParameters(["form_token": "forged"]))
        #expect(try await world.sessions().count == 1)
        let token = try #require(page.body.firstMatch(of: /name="form_token" value="([^"]+)"/)).output.1
        let landing = try await browser.post("https://auth.test/.pomerium/sign_out", FormParameters(["form_token": String(token)]))
        #expect(landing.url.hasPrefix("https://idp.test/logout"))
        #expect(try await world.sessions().isEmpty)
    }

    @Test func asksFirstForAnOldRequest() async throws {
        let (world, browser) = try await signedIn()
        let other = Browser(world)
        let location = try #require(try await other.send(.get, "https://a.test/.pomerium/sign_out").headers[.location])
        world.clock.advance(301)
        #expect(try await browser.open(location).body.contains("Sign out?"))
        #expect(try await world.sessions().count == 1)
    }

    @Test func showsWhereItEnds() async throws {
        let world = try World()
        #expect(try await Browser(world).open("https://auth.test/.pomerium/signed_out").body.contains("You are signed out"))
        let redirecting = try World { $0.signOutRedirectURL = "https://www.example.com/bye" }
        let response = try await Browser(redirecting).send(.get, "https://auth.test/.pomerium/signed_out")
        #expect(response.headers[.location] == "https://www.example.com/bye")
    }

    @Test func leadsSomebodyWhoIsSignedOutToTheSignedOutPage() async throws {
        let world = try World()
        let landing = try await Browser(world).open("https://a.test/.pomerium/sign_out")
        #expect(landing.url == "https://auth.test/.pomerium/signed_out")
    }
}
