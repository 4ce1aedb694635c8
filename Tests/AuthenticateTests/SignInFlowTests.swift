import Authenticate
import HTTPEndpoints
import HTTPTypes
import IdentityProviders
import KeyMaterial
import Records
import Sessions
import Testing

@Suite struct SignInFlowTests {
    @Test func leadsBackToThePageThatWasAskedFor() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/path/x?q=1&r=%20")
        #expect(form.body == "provider")
        let landing = try await browser.signIn(form)
        #expect(landing.body == "a.test/path/x?q=1&r=%20 for ann@example.com")
        #expect(try await world.sessions().count == 1)
        #expect(browser.cookieNames("auth.test").filter { $0.contains("attempt") }.isEmpty)
    }

    @Test func needsNoFormForFurtherHosts() async throws {
        let world = try World()
        let browser = Browser(world)
        _ = try await browser.signIn(browser.open("https://a.test/"))
        let landing = try await browser.open("https://b.test/deep")
        #expect(landing.body == "b.test/deep for ann@example.com")
        #expect(!landing.trail.contains { $0.hasPrefix("https://idp.test") })
        #expect(try await world.sessions().count == 1)
    }

    @Test func recordsSessionAndUser() async throws {
        let world = try World()
        let browser = Browser(world)
        _ = try await browser.signIn(browser.open("https://a.test/"))
        let session = try #require(try await world.sessions().first)
        #expect(session.userID == "subject-ann")
        #expect(session.expiresAt == world.clock.seconds + 14 * 3600)
        #expect(session.claims["groups"] == [.string("staff")])
        let user = try #require(try await world.store.get(User.self, id: "subject-ann"))
        #expect(user.email == "ann@example.com")
    }

    @Test func finishesTwentyTabsInAnyOrderWithOneSession() async throws {
        let world = try World()
        let browser = Browser(world)
        var forms: [(String, Browser.Landing)] = []
        for tab in 0..<20 {
            let url = "https://\(tab % 2 == 0 ? "a" : "b").test/tab/\(tab)"
            forms.append((url, try await browser.open(url)))
        }
        for (url, form) in forms.shuffled() {
            let landing = try await browser.signIn(form)
            #expect(landing.url == url)
            #expect(landing.body.hasSuffix("for ann@example.com"))
        }
        #expect(try await world.sessions().count == 1)
        #expect(world.stub.with { $0.redemptions } == 1)
        #expect(browser.cookieNames("auth.test").filter { $0.contains("attempt") }.isEmpty)
    }

    @Test func agreesOnOneSessionWhenTabsFinishAtTheSameMoment() async throws {
        let world = try World()
        let browser = Browser(world)
        var forms: [Browser.Landing] = []
        for tab in 0..<5 { forms.append(try await browser.open("https://a.test/\(tab)")) }
        // Every tab's request leaves before any answer has arrived: all carry the same jar.
        let jar = browser.jar
        for form in forms {
            browser.jar = jar
            let landing = try await browser.signIn(form)
            #expect(landing.status == 200)
        }
        #expect(try await world.sessions().count == 1)
    }

    @Test func keepsAtMostTwentyAttemptsAndHealsTheTabsBeyond() async throws {
        let world = try World()
        let browser = Browser(world)
        var forms: [Browser.Landing] = []
        for tab in 0..<30 {
            forms.append(try await browser.open("https://a.test/tab/\(tab)"))
            world.clock.advance(1)
        }
        #expect(browser.cookieNames("auth.test").filter { $0.contains("attempt") }.count == 20)
        // The first tab's cookie is gone: the provider is asked once more, and all is well.
        world.stub.with { $0.signedIn = "ann" }
        let landing = try await browser.signIn(forms[0])
        #expect(landing.url == "https://a.test/tab/0")
        #expect(landing.status == 200)
    }

    @Test(arguments: [1, 3600, 23 * 3600, 3 * 86_400]) func waitsForSlowPeople(_ seconds: Int64) async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/slow")
        world.clock.advance(seconds)
        world.stub.with { $0.signedIn = "ann" }
        let landing = try await browser.signIn(form)
        #expect(landing.url == "https://a.test/slow")
        #expect(landing.status == 200)
    }

    @Test func survivesARestartBetweenAllSteps() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/x")
        try world.restart()
        let back = try await browser.send(.get, world.stub.callback(form.url, as: "ann"))
        let callback = try #require(back.headers[.location])
        #expect(callback.hasPrefix("https://a.test/.pomerium/callback/?pomerium_ticket="))
        try world.restart()
        let landing = try await browser.open(callback)
        try world.restart()
        #expect(try await browser.open("https://a.test/x").body == landing.body)
        #expect(landing.url == "https://a.test/x")
    }

    @Test func startsAnewWhenTheCodeWasUsed() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/x")
        let url = world.stub.callback(form.url, as: "ann")
        world.stub.with { $0.codes = [:] }
        let landing = try await browser.open(url)
        #expect(landing.url.hasPrefix("https://idp.test/authorize"))
        #expect(try await browser.signIn(landing).url == "https://a.test/x")
    }

    @Test func startsAnewForAnIDTokenOfAnotherSignIn() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/x")
        let url = world.stub.callback(form.url, as: "ann")
        world.stub.with { state in
            for code in state.codes.keys { state.codes[code]?.nonce = "of-another" }
        }
        let landing = try await browser.open(url)
        #expect(landing.url.hasPrefix("https://idp.test/authorize"))
        #expect(try await world.sessions().isEmpty)
        #expect(try await browser.signIn(landing).url == "https://a.test/x")
    }

    @Test func neverGivesOneBrowsersCodeToAnother() async throws {
        let world = try World()
        let attacker = Browser(world)
        let victim = Browser(world)
        let form = try await attacker.open("https://a.test/x")
        let landing = try await victim.open(world.stub.callback(form.url, as: "mallory"))
        #expect(landing.body == "provider")
        #expect(try await world.sessions().isEmpty)
        #expect(!victim.cookieNames("auth.test").contains(world.cookies.authenticateName))
        // The victim ends as themself, at the address, in the victim's own browser.
        let end = try await victim.signIn(landing, as: "vic")
        #expect(end.body == "a.test/x for vic@example.com")
    }

    @Test func neverGivesOneBrowsersTicketToAnother() async throws {
        let world = try World()
        let attacker = Browser(world)
        let victim = Browser(world)
        let form = try await attacker.open("https://a.test/x")
        let back = try await attacker.send(.get, world.stub.callback(form.url, as: "mallory"))
        let landing = try await victim.open(try #require(back.headers[.location]))
        #expect(landing.body == "provider")
        #expect(!victim.cookieNames("a.test").contains(world.cookies.sessionName))
        #expect(try await victim.signIn(landing, as: "vic").body == "a.test/x for vic@example.com")
    }

    @Test func signsInAnewForAReplayedTicket() async throws {
        let world = try World()
        let browser = Browser(world)
        let back = try await browser.send(.get, world.stub.callback(try await browser.open("https://a.test/x").url, as: "ann"))
        let ticket = try #require(back.headers[.location])
        _ = try await browser.open(ticket)
        // Signed in: the page simply shows.
        let again = try await browser.open(ticket)
        #expect(again.trail.count == 2)
        #expect(again.url == "https://a.test/x")
        // Signed out on this host: a new ticket is fetched, the old one sets nothing.
        browser.jar["a.test"]?[world.cookies.sessionName] = nil
        let renewed = try await browser.open(ticket)
        #expect(renewed.trail.count > 3)
        #expect(renewed.body == "a.test/x for ann@example.com")
    }

    @Test func fetchesANewTicketForAnExpiredOne() async throws {
        let world = try World()
        let browser = Browser(world)
        let back = try await browser.send(.get, world.stub.callback(try await browser.open("https://a.test/x").url, as: "ann"))
        world.clock.advance(3600)
        let landing = try await browser.open(try #require(back.headers[.location]))
        #expect(landing.body == "a.test/x for ann@example.com")
    }

    @Test func opensATicketOnItsOwnHostAlone() async throws {
        let world = try World()
        let browser = Browser(world)
        let back = try await browser.send(.get, world.stub.callback(try await browser.open("https://a.test/x").url, as: "ann"))
        let elsewhere = try #require(back.headers[.location]).replacing("https://a.test", with: "https://b.test")
        let response = try await browser.send(.get, elsewhere)
        #expect(response.headers[.location] == "/")
        #expect(response.headers[.setCookie] == nil)
    }

    @Test(arguments: ["", "state=", "state=AAAA&code=x", "code=x", "state=%00%ff&code=x"])
    func signsInWithoutATargetWhereTheStateCannotBeRead(_ query: String) async throws {
        let world = try World()
        let browser = Browser(world)
        let landing = try await browser.open("https://auth.test/oauth2/callback?\(query)")
        #expect(landing.body == "provider")
        #expect(try await browser.signIn(landing).url == "https://auth.test/.pomerium/")
        #expect(try await browser.open("https://auth.test/oauth2/callback?\(query)").body == "home")
    }

    /// Some providers drop the state when they refuse: to go back there at once could go on for ever.
    @Test func tellsOfARefusalWithoutState() async throws {
        let world = try World()
        let response = try await Browser(world).send(.get, "https://auth.test/oauth2/callback?error=access_denied")
        #expect(response.status == .unauthorized)
        #expect(String(decoding: response.body, as: UTF8.self).contains("access_denied"))
    }

    @Test(arguments: ["", "?pomerium_request=", "?pomerium_request=forged", "?pomerium_redirect_uri=https://evil.test/"])
    func signsInWithoutATargetWhereTheRequestCannotBeRead(_ query: String) async throws {
        let world = try World()
        let browser = Browser(world)
        let landing = try await browser.signIn(try await browser.open("https://auth.test/.pomerium/sign_in\(query)"))
        #expect(landing.url == "https://auth.test/.pomerium/")
        #expect(landing.body == "home")
    }

    @Test(arguments: [
        ("https://evil.test/", "a.test"), ("http://a.test/", "a.test"), ("https://a.test/", "evil.test"), ("https://a.test@evil.test/", "a.test"),
        ("https://a.test\\@evil.test/", "a.test"), ("javascript:alert(1)", "a.test"), ("//evil.test", "a.test"), ("https://a.test/", "a.test/x"),
        ("https://a.test/", "evil.test#a.test"), ("https://a.test/\r\nX: y", "a.test"),
    ])
    func leadsToNoForeignPlace(_ redirectURL: String, _ authority: String) async throws {
        let world = try World()
        let browser = Browser(world)
        let request = SignInRequest(
            redirectURL: redirectURL, callbackAuthority: authority, browserDigest: "x", providerID: world.stub.id)
        let url = "https://auth.test/.pomerium/sign_in?pomerium_request=\(try request.sealed(with: world.keys))"
        let landing = try await browser.signIn(try await browser.open(url))
        #expect(landing.url == "https://auth.test/.pomerium/")
    }

    @Test func tellsABrowserWithoutCookiesSo() async throws {
        let world = try World()
        world.stub.with { $0.signedIn = "ann" }
        let browser = Browser(world)
        browser.keepsCookies = false
        let landing = try await browser.open("https://a.test/x")
        #expect(landing.status == 400)
        #expect(landing.body.contains("does not keep cookies"))
        #expect(landing.body.contains("https://auth.test/.pomerium/sign_in?pomerium_request="))
        #expect(try await world.sessions().isEmpty)
    }

    @Test func tellsABrowserSoThatKeepsCookiesOfTheAuthenticateHostAlone() async throws {
        let world = try World()
        world.stub.with { $0.signedIn = "ann" }
        let browser = Browser(world)
        var landing: Browser.Landing?
        var url = "https://a.test/x"
        for _ in 0..<40 where landing == nil {
            let response = try await browser.send(.get, url)
            browser.jar["a.test"] = nil
            guard let location = response.headers[.location] else {
                landing = Browser.Landing(
                    url: url, status: response.status.code, body: String(decoding: response.body, as: UTF8.self), headers: [:], trail: [])
                break
            }
            url = location.hasPrefix("https://idp.test") ? world.stub.callback(location, as: "ann") : location
        }
        #expect(try #require(landing).body.contains("does not keep cookies"))
    }

    @Test func showsTheProvidersRefusalAndAWayOn() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/x")
        let state = try #require(query(of: form.url)["state"])
        let landing = try await browser.open("https://auth.test/oauth2/callback?error=access_denied%3Cb%3E&state=\(state)")
        #expect(landing.status == 400)
        #expect(landing.body.contains("access_denied&lt;b&gt;"))
        #expect(!landing.body.contains("<b>"))
        #expect(landing.body.contains("https://auth.test/.pomerium/sign_in?pomerium_request="))
        let again = try await browser.open("https://a.test/x")
        let denied = try #require(query(of: again.url)["state"])
        #expect(try await browser.open("https://auth.test/oauth2/callback?error=access_denied&state=\(denied)").status == 401)
    }

    @Test(arguments: [
        (IdentityProviderError.unreachable("connection refused"), 503), (.untrustworthyToken("it has expired"), 502),
        (.refused(code: "invalid_client", description: "bad secret"), 502), (.misconfigured("no token endpoint"), 502),
    ])
    func namesTheCauseWhereTheProviderFails(_ failure: IdentityProviderError, _ status: Int) async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/x")
        let url = world.stub.callback(form.url, as: "ann")
        world.stub.with { $0.failure = failure }
        let landing = try await browser.open(url)
        #expect(landing.status == status)
        #expect(landing.body.contains("pomerium_request="))
        world.stub.with { $0.failure = nil }
        #expect(try await browser.signIn(try await browser.open("https://a.test/x")).status == 200)
    }

    @Test func keepsEverythingThroughAStorageFault() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/x")
        let url = world.stub.callback(form.url, as: "ann")
        // The first step that needs the store is the lookup of a session that this browser has not got; a planted cookie makes it look.
        let handle = SessionHandle(sessionID: "gone", providerID: world.stub.id, expiresAt: world.clock.seconds + 60)
        browser.jar["auth.test"]?[world.cookies.authenticateName] = try handle.sealed(
            with: world.keys, scope: SessionResolver.authenticateScope("auth.test"))
        world.store.isBroken = true
        let broken = try await browser.open(url)
        #expect(broken.status == 503)
        #expect(broken.headers[.retryAfter] == "5")
        world.store.isBroken = false
        #expect(try await browser.open(url).url == "https://a.test/x")
    }

    @Test func replacesTheSessionWhenSomebodyElseSignsIn() async throws {
        let world = try World()
        let browser = Browser(world)
        _ = try await browser.signIn(browser.open("https://a.test/"))
        let first = try #require(try await world.sessions().first)
        let form = try await browser.open("https://a.test/")
        #expect(form.status == 200)
        // A sign-in that was under way from before.
        browser.jar["a.test"]?[world.cookies.sessionName] = nil
        let kept = browser.jar["auth.test"]?[world.cookies.authenticateName]
        browser.jar["auth.test"]?[world.cookies.authenticateName] = nil
        let other = try await browser.open("https://a.test/")
        browser.jar["auth.test"]?[world.cookies.authenticateName] = kept
        try await world.store.delete(Session.self, id: first.id)
        let landing = try await browser.signIn(other, as: "bob")
        #expect(landing.body == "a.test/ for bob@example.com")
        #expect(try await world.sessions().map(\.userID) == ["subject-bob"])
    }

    @Test func setsCookiesThatBrowsersBindToTheHost() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/x")
        let back = try await browser.send(.get, world.stub.callback(form.url, as: "ann"))
        let callback = try await browser.send(.get, try #require(back.headers[.location]))
        for line in back.headers[values: .setCookie] + callback.headers[values: .setCookie] {
            #expect(line.hasPrefix("__Host-_pomerium"))
            #expect(line.contains("; Path=/; Max-Age="))
            #expect(line.contains("; Secure; HttpOnly; SameSite=Lax"))
        }
    }

    @Test(arguments: [1100, 1300, 2500]) func keepsLongAddressesOutOfTheState(_ length: Int) async throws {
        let world = try World()
        let browser = Browser(world)
        let url = "https://a.test/long?q=" + String(repeating: "x", count: length)
        let form = try await browser.open(url)
        #expect(form.url.utf8.count < 4000)
        #expect(try await browser.signIn(form).url == url)
        #expect(browser.cookieNames("auth.test").filter { $0.contains("attempt") }.isEmpty)
    }

    @Test func cutsAnAddressThatFitsNowhereToItsPath() async throws {
        let world = try World()
        let browser = Browser(world)
        let form = try await browser.open("https://a.test/long?q=" + String(repeating: "x", count: 3500))
        #expect(try await browser.signIn(form).url == "https://a.test/long")
        let endless = Browser(world)
        let cut = try await endless.open("https://a.test/" + String(repeating: "x", count: 9000))
        #expect(try await endless.signIn(cut).url == "https://a.test/")
    }

    @Test func boundsTheCookiesOfManyLongAddresses() async throws {
        let world = try World()
        let browser = Browser(world)
        var forms: [Browser.Landing] = []
        for tab in 0..<10 {
            forms.append(try await browser.open("https://a.test/\(tab)?q=" + String(repeating: "x", count: 2500)))
            world.clock.advance(1)
        }
        let bytes = (browser.jar["auth.test"] ?? [:]).reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        #expect(bytes < 9000)
        for form in forms.reversed() { #expect(try await browser.signIn(form).status == 200) }
    }

    @Test func keepsPorts() async throws {
        let world = try World()
        let browser = Browser(world)
        let landing = try await browser.signIn(browser.open("https://a.test:8443/x"))
        #expect(landing.url == "https://a.test:8443/x")
    }
}
