import Foundation
import Testing

@testable import Pages

@Suite struct ErrorPageTests {
    @Test func aDenialNamesUserReasonWayOutAndRequest() {
        let html = ErrorPage.forbidden(
            reason: "you are in none of its groups", reasonCode: "groups-unauthorized", requestID: "req-1", signedInAs: "ann@example.com",
            signInAgainURL: "/again"
        ).render()
        for part in [
            "You are signed in as <strong>ann@example.com</strong>", "does not include you: you are in none of its groups.",
            "<code>groups-unauthorized</code>", "<code>req-1</code>", "href=\"/again\">Sign in as somebody else</a>", "403 Forbidden",
        ] {
            #expect(html.contains(part), "\(part)")
        }
    }

    @Test func withoutAUserItOffersPlainSignIn() {
        let html = ErrorPage(status: 401, title: "t", message: "m", requestID: "r", signInAgainURL: "/in").render()
        #expect(html.contains(">Sign in</a>") && !html.contains("signed in as"))
    }

    @Test(arguments: UpstreamFailure.Cause.allCases)
    func anUpstreamFailureNamesCauseAndHint(cause: UpstreamFailure.Cause) {
        let page = ErrorPage.upstreamFailure(.init(cause), status: 503, requestID: "r")
        let html = page.render()
        #expect(html.contains(HTMLEscaping.escape(cause.text)) && html.contains(HTMLEscaping.escape(cause.hint)))
        #expect(html.contains(cause.rawValue) && html.contains("503"))
        #expect(html.contains("class=\"failed"))
    }

    @Test func theDiagramMarksThePartyThatFailedAndNothingBehindIt() throws {
        let html = ErrorPage.upstreamFailure(.init(.overloaded), status: 503, requestID: "r").render()
        let states = html.matches(of: /<li class="(ok|failed|unknown)/).map { String($0.1) }
        #expect(states == ["ok", "failed", "unknown"])
    }

    @Test func hasNoEmptyNameForAnUnknownStatus() {
        #expect(ErrorPage(status: 499, title: "t", message: "m", requestID: "r").render().contains("<p class=\"pill\">499</p>"))
    }
}

@Suite struct UserInfoPageTests {
    @Test(arguments: [
        NamedValue(name: "access_token", value: "secret-1"), NamedValue(name: "Refresh_Token", value: "secret-1"),
        NamedValue(name: "raw", value: "secret-1"), NamedValue(name: "note", value: "eyJhbGciOiJub25lIn0.secret-1."),
    ])
    func neverShowsAToken(claim: NamedValue) {
        let html = UserInfoPage(.signedIn(.init(id: "1", claims: [claim]))).render()
        #expect(!html.contains("secret-1") && !html.contains("<table"))
    }

    @Test func shortensTheSessionID() {
        let html = UserInfoPage(.signedIn(.init(id: "1", sessionID: "7f3c9a52-11aa-4f6e"))).render()
        #expect(html.contains("7f3c9a52…") && !html.contains("11aa"))
    }

    @Test func showsTheExpiryInUTC() {
        let html = UserInfoPage(.signedIn(.init(id: "1", expiresAt: Date(timeIntervalSince1970: 0)))).render()
        #expect(html.contains("1970-01-01 00:00 UTC"))
    }

    @Test func anEmptyClaimDoesNotShowAnothersValue() {
        let html = UserInfoPage(.signedIn(.init(id: "1", name: "Ann", claims: [.init(name: "", value: "")]))).render()
        #expect(html.contains("<tr><th scope=\"row\"></th><td></td></tr>"))
    }
}

@Suite struct OtherPagesTests {
    @Test func theSignInFormCarriesQueryTokenAndAutocompletion() {
        let html = SignInFormPage(action: "/in?a=1&b=2", hiddenFields: [.init(name: "csrf", value: "tok")], email: "a@b.c").render()
        for part in [
            "method=\"post\" action=\"/in?a=1&amp;b=2\"", "name=\"csrf\" value=\"tok\"", "autocomplete=\"username\"",
            "autocomplete=\"current-password\"", "value=\"a@b.c\"", "<label for=\"password\">",
        ] {
            #expect(html.contains(part), "\(part)")
        }
        #expect(html.contains("name=\"\(SignInFormPage.emailField)\"") && html.contains("name=\"\(SignInFormPage.passwordField)\""))
    }

    @Test func isNotVerifiedWithoutChecks() {
        #expect(VerifyPage(method: "GET", path: "/", headers: [], claims: [], checks: []).render().contains("could not be verified"))
    }

    @Test func aRouteThatIsNoWebAddressIsNoLink() {
        let html = RoutesPage(routes: [.init(name: "db", from: "tcp+https://db:5432", connectCommand: "postern tcp db:5432")]).render()
        #expect(!html.contains("<a ") && html.contains("postern tcp db:5432"))
    }

    @Test func everyPageIsLabelledAndHasOneMainHeading() {
        for page in SamplePages.all() {
            let html = page.html(.default)
            #expect(html.hasPrefix("<!doctype html>\n<html lang=\"en\">") && html.hasSuffix("</html>\n"), "\(page.name)")
            #expect(html.components(separatedBy: "<h1>").count == 2 && html.contains("<main") && html.contains("<title>"), "\(page.name)")
            #expect(!html.contains("{{"), "\(page.name)")
        }
    }
}

@Suite struct StaticAssetTests {
    @Test(arguments: ["favicon.ico", "favicon.svg", "favicon-16x16.png", "favicon-32x32.png", "apple-touch-icon.png"])
    func findsTheFilesThatPagesReferTo(name: String) throws {
        let asset = try #require(StaticAsset.named(name))
        #expect(!asset.bytes.isEmpty && asset.bytes.count < 8192)
        #expect(asset.contentType.hasPrefix("image/"))
        #expect(asset.etag.wholeMatch(of: /"[0-9a-f]{32}"/) != nil)
    }

    @Test(arguments: ["", "index.js", "../favicon.ico", "FAVICON.ICO", "layout.mustache"])
    func hasNothingElse(name: String) {
        #expect(StaticAsset.named(name) == nil)
    }

    @Test func tagsDifferByContent() {
        #expect(Set(StaticAsset.all.map(\.etag)).count == StaticAsset.all.count)
    }
}
