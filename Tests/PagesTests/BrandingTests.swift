import Crypto
import Foundation
import Testing

@testable import Pages

@Suite struct BrandingTests {
    @Test(arguments: ["#6F43E7", "#49aaa1", "#fff"])
    func acceptsHexadecimalColours(color: String) throws {
        let branding = try Branding(primaryColor: color)
        let expected = try #require(BrandColor(color))
        #expect(branding.styleSheet.contains("--primary:\(expected)"))
    }

    @Test(arguments: ["red", "#12345", "#1234567", "6F43E7", "#GGGGGG", "#fff;}</style>", "#ff\u{301}f", "url(x)", "#"])
    func refusesOtherColours(color: String) {
        #expect(throws: BrandingError.self) { try Branding(darkmodeSecondaryColor: color) }
    }

    @Test func namesTheSettingItRefuses() {
        let error = #expect(throws: BrandingError.self) { try Branding(secondaryColor: "teal") }
        #expect(error?.setting == "secondary_color")
        #expect(error?.description == "secondary_color: expected a colour of the form #rgb or #rrggbb, not \"teal\"")
    }

    @Test(arguments: ["javascript:alert(1)", "data:text/html,x", "ftp://x/y", "//cdn.example/logo.png", "data:image/png;base64,A A"])
    func refusesOtherImageAddresses(address: String) {
        #expect(throws: BrandingError.self) { try Branding(logoURL: address) }
        #expect(throws: BrandingError.self) { try Branding(faviconURL: address) }
    }

    @Test func showsLogoFaviconAndFirstParagraph() throws {
        let branding = try Branding(
            logoURL: "https://cdn.example.com/logo.svg", faviconURL: "data:image/png;base64,AAAA",
            errorMessageFirstParagraph: "Ask <#it-help>.")
        let html = ErrorPage(status: 403, title: "No", message: "m", requestID: "r").render(branding: branding)
        #expect(html.contains("<img class=\"logo\" src=\"https://cdn.example.com/logo.svg\""))
        #expect(html.contains("<link rel=\"icon\" href=\"data:image/png;base64,AAAA\">"))
        #expect(html.contains("<p>Ask &lt;#it-help&gt;.</p>"))
        #expect(!html.contains("favicon.svg"))
    }

    @Test(arguments: ["#000000", "#ffffff", "#6F43E7", "#ffff00", "#808080"])
    func keepsLinksAndButtonsReadableInEveryColour(color: String) throws {
        let primary = try #require(BrandColor(color))
        #expect(primary.contrast(to: primary.foreground) >= 4.5)
        #expect(primary.readable(on: .white, towards: .black).contrast(to: .white) >= 4.5)
        let dark = try #require(BrandColor("#181d25"))
        #expect(primary.readable(on: dark, towards: .white).contrast(to: dark) >= 4.5)
    }
}

@Suite struct ContentSecurityPolicyTests {
    @Test func namesTheHashOfTheStyleSheetOnThePage() throws {
        for branding in [Branding.default, try Branding(primaryColor: "#123456")] {
            for page in SamplePages.all() {
                let html = page.html(branding)
                let style = try #require(html.firstMatch(of: /(?s)<style>(.*)<\/style>/)).1
                let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
                #expect(branding.contentSecurityPolicy().contains("style-src 'sha256-\(hash)'"))
                #expect(!html.contains("style=\"") && !html.contains("<script") && !html.contains("javascript:"))
            }
        }
    }

    @Test func allowsNothingElse() {
        #expect(
            Branding.default.contentSecurityPolicy(formAction: ["'self'", "https://app.example.com"])
                == "default-src 'none'; style-src 'sha256-\(Branding.default.styleHash)'; img-src 'self' data:; "
                + "form-action 'self' https://app.example.com; frame-ancestors 'none'; base-uri 'none'")
        #expect(Branding.default.contentSecurityPolicy().contains("form-action 'none'"))
    }

    @Test(arguments: ["'self'; script-src *", "a,b", "a b", "x\r\nSet-Cookie: a=b", "", "ü"])
    func leavesOutAFormActionThatWouldAddADirective(source: String) {
        #expect(Branding.default.contentSecurityPolicy(formAction: [source]) == Branding.default.contentSecurityPolicy())
    }

    @Test func admitsTheOriginsOfPictures() {
        let page = RoutesPage(
            routes: ["https://cdn.example.com/a.svg", "https://cdn.example.com/b.svg", "/c.svg", "javascript:alert(1)", "data:image/png;base64,AA=="]
                .map { .init(name: "a", from: "https://a.example.com", logoURL: $0) })
        #expect(Branding.default.contentSecurityPolicy(images: page.imageSources).contains("img-src 'self' data: https://cdn.example.com;"))
        let html = page.render()
        #expect(html.components(separatedBy: "<img src=").count == 5)
        #expect(!html.contains("javascript:"))
    }

    @Test func admitsTheOriginOfALogoElsewhere() throws {
        let branding = try Branding(logoURL: "https://cdn.example.com:8443/a/logo.png?v=1", faviconURL: "/favicon.png")
        #expect(branding.contentSecurityPolicy().contains("img-src 'self' data: https://cdn.example.com:8443;"))
        let odd = try Branding(logoURL: "https://a;script-src")
        #expect(!odd.contentSecurityPolicy().contains("script-src"))
    }
}
