import Testing

@testable import Pages

/// Every text of every page carries an injection; none may come out as markup.
@Suite struct EscapingTests {
    static let injections = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>", "</style><script>alert(1)</script>",
        "</title><script>alert(1)</script>", "{{{styleSheet}}}{{#user}}", "&lt;script&gt;",
        // A combining mark joins the quotation mark into one grapheme cluster.
        "\"\u{301} onmouseover=alert(1) x=\"\u{301}", "<\u{301}script>", "x\r\n\u{0}\u{1B}<b>",
    ]

    @Test(arguments: injections)
    func escapesEveryFieldOfEveryPage(injection: String) {
        let clean = Dictionary(uniqueKeysWithValues: SamplePages.all().map { ($0.name, Markup($0.html(.default))) })
        for page in SamplePages.all({ $0 + injection }) {
            let html = page.html(.default)
            #expect(!html.contains(injection) || injection.hasPrefix("{{"), "\(page.name)")
            // Links that are refused take their elements away, but nothing may come in.
            let added = Markup(html).tags.subtracting(clean[page.name]?.tags ?? [])
            #expect(added.isEmpty, "\(page.name): \(added)")
        }
    }

    @Test(arguments: injections)
    func escapesAFieldThatIsNothingButTheInjection(injection: String) {
        let clean = SamplePages.all().reduce(into: Set<String>()) { $0.formUnion(Markup($1.html(.default)).tags) }
        for page in SamplePages.all({ _ in injection }) {
            let added = Markup(page.html(.default)).tags.subtracting(clean)
            #expect(added.isEmpty, "\(page.name): \(added)")
        }
    }

    @Test(arguments: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "\u{1}javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>", "vbscript:x", "//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil", "",
        "file:///etc/passwd", "https://",
    ])
    func linksToNothingActiveOrForeign(address: String) {
        #expect(LinkTarget.accepted(address) == nil)
        let html = ErrorPage(status: 403, title: "t", message: "m", requestID: "r", signInAgainURL: address, signOutURL: address).render()
        #expect(!html.contains("<a "))
        let signIn = SignInFormPage(action: address, hiddenFields: []).render()
        #expect(signIn.contains("action=\"\""))
    }

    @Test(arguments: ["/", "/a?b=c#d", "https://app.example.com/x", "http://localhost:8080/", "HTTPS://APP.EXAMPLE.COM"])
    func linksToPathsAndWebAddresses(address: String) {
        #expect(LinkTarget.accepted(address) == address)
    }

    @Test func everyTemplateParses() throws {
        for template in TemplateCatalog.allCases {
            _ = try template.parsed()
        }
    }

    @Test func theFallbackEscapes() {
        let html = TemplateCatalog.fallback(title: "<b>\"\u{301}", text: "<script>")
        #expect(!html.contains("<b>") && !html.contains("<script>") && html.contains("&quot;\u{301}"))
    }
}

/// The tags of a page with the names of their attributes: enough to see whether text became markup.
struct Markup {
    var tags: Set<String> = []

    init(_ html: String) {
        var rest = html.unicodeScalars[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            var tag = String.UnicodeScalarView()
            var quoted = false
            while let scalar = rest.popFirst(), quoted || scalar != ">" {
                if scalar == "\"" {
                    quoted.toggle()
                } else if !quoted {
                    tag.append(scalar)
                }
            }
            tags.insert(String(tag))
        }
    }
}
