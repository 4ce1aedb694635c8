import Testing

@testable import LocalReplies

@Suite struct AcceptHeaderTests {
    @Test(arguments: [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("image/webp, application/json", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("application/json;q=0.2, text/*;q=0.9", "text/html"),
        ("text/plain", "text/plain"),
        ("TEXT/HTML", "text/html"),
        ("application/json;q=1.000, text/html;q=0.999", "application/json"),
    ])
    func choosesTheBestNamedType(_ header: String, _ expected: String) {
        #expect(AcceptHeader(header).best(of: ["text/html", "application/json", "text/plain"]) == expected)
    }

    @Test(arguments: ["*/*", "", "image/png", "text/html;q=0", ";;;,,,", "text", "text/html;q=abc"])
    func knowsNoPreference(_ header: String) {
        #expect(AcceptHeader(header).best(of: ["text/html", "application/json"]) == nil)
    }

    @Test func readsABoundedNumberOfEntries() {
        let header = Array(repeating: "image/png", count: 32).joined(separator: ",") + ",text/html"
        #expect(AcceptHeader(header).best(of: ["text/html"]) == nil)
    }
}
