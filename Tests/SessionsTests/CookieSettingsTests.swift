import HTTPEndpoints
import Sessions
import Testing

@Suite struct CookieSettingsTests {
    @Test func bindsCookiesToTheirHostByDefault() {
        let settings = CookieSettings()
        #expect(settings.sessionName == "__Host-_pomerium")
        #expect(settings.scope(host: "a.example") == "host:a.example")
        #expect(settings.sessionCookie(value: "v", maxAge: 5).headerValue == "__Host-_pomerium=v; Path=/; Max-Age=5; Secure; HttpOnly; SameSite=Lax")
        #expect(settings.sessionRemoval().headerValue == "__Host-_pomerium=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    }

    @Test func sharesTheSessionCookieAloneOverADomain() {
        let settings = CookieSettings(baseName: "sso", domain: "example.com", sameSite: .none)
        #expect(settings.sessionName == "sso")
        #expect(settings.scope(host: "a.example.com") == settings.scope(host: "b.example.com"))
        #expect(settings.scope(host: "a.example.com") != CookieSettings().scope(host: "a.example.com"))
        #expect(
            settings.sessionCookie(value: "v", maxAge: 5).headerValue
                == "sso=v; Path=/; Domain=example.com; Max-Age=5; Secure; HttpOnly; SameSite=None")
        #expect(settings.sessionRemoval().domain == "example.com")
        #expect(settings.authenticateName == "__Host-sso_authenticate")
    }

    @Test func neverGivesTwoPurposesOneName() {
        let settings = CookieSettings()
        let names = [
            settings.sessionName, settings.authenticateName, settings.browserName, settings.attemptPrefix, settings.providerName, settings.formName,
        ]
        #expect(Set(names).count == names.count)
        let own = settings.ownNames + [settings.attemptPrefix]
        #expect(names.allSatisfy(own.contains))
    }

    @Test(arguments: [
        ("_pomerium", true), ("__Host-_pomerium", true), ("_pomerium_authenticate", true), ("__Host-_pomerium_browser", true),
        ("_pomerium_theme", false),
        ("_pomeriumx", false), ("pomerium", false), ("x_pomerium", false), ("", false), ("__Host-session", false), ("__Host-_pomeriumx", false),
    ])
    func knowsItsOwnCookies(name: String, ours: Bool) {
        #expect(CookieSettings().ownNames.contains(name) == ours)
    }
}
