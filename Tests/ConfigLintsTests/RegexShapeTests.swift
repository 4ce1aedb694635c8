import Testing

@testable import ConfigLints

@Suite struct RegexShapeTests {
    @Test(arguments: [
        "(a+)+", "^/x(a*)*$", "([a-z]+)*", "(\\w+\\d*)+", "(.*a)+", "(.*a){20}", "(a|[a-c])*", "((ab+)?b*)+", "(?:a+)+", "(?P<n>a+)+", "(?<n>a+?)*",
        "(x|a+)*", "(/.*)*", "((a+)b?)+", "([^/]+)+",
    ])
    func findsNestedRepetitions(pattern: String) {
        #expect(RegexShapeParser.shape(of: pattern)?.isExplosive == true)
    }

    @Test(arguments: [
        "^/api(/.*)?$", "(/[a-z]+)*", "(/[^/]+)*", "[a-z]+", "(ab)+", "(a|b)*", "(\\d+,)*\\d+", "(a{2,3})+", "/v[0-9]+/.*", "([a-z]+-)+", "(a+)?",
        "/files/[^/]+/[^/]+\\.(png|jpg)", "", "(a+){3}",
    ])
    func leavesHarmlessOnesAlone(pattern: String) {
        #expect(RegexShapeParser.shape(of: pattern)?.isExplosive == false)
    }

    @Test(arguments: ["(?=a)(a+)+", "(a+)\\1+", "(?i)(a+)+", "[[:alpha:]]+", "(a", "a)", "a++", "\\p{L}+", "a{x}", "*a", "[", "(?", "\\"])
    func saysNothingOfWhatItDoesNotKnow(pattern: String) {
        #expect(RegexShapeParser.shape(of: pattern) == nil)
    }

    @Test func followsNestingOnlySoFar() {
        let deep = String(repeating: "(", count: 4000) + "a" + String(repeating: ")", count: 4000)
        #expect(RegexShapeParser.shape(of: deep) == nil)
    }

    @Test func everyShortTextIsReadWithoutATrap() {
        let letters = Array("a(|)[]{},*+?^-\\.1<:P")
        for first in letters {
            for second in letters {
                for third in letters {
                    for tail in ["", "a)", "]", "}"] {
                        _ = RegexShapeParser.shape(of: String([first, second, third]) + tail)
                        _ = RegexCoverage(String([first, second, third]) + tail)
                    }
                }
            }
        }
    }

    @Test func knowsWhatAnExpressionCovers() {
        let bytes = { (text: String) in Array(text.utf8) }
        #expect(RegexCoverage("^/docs/.*$") == .prefix(bytes("/docs/")))
        #expect(RegexCoverage("/docs/.*") == .prefix(bytes("/docs/")))
        #expect(RegexCoverage("/a\\.b") == .exact(bytes("/a.b")))
        #expect(RegexCoverage("/docs/?") == .within(bytes("/docs")))
        #expect(RegexCoverage("/docs/+.*") == .within(bytes("/docs")))
        #expect(RegexCoverage("/a|/b") == .within([]))
        #expect(RegexCoverage("/(a|b)/.*") == .within(bytes("/")))
        #expect(RegexCoverage("/a\\d.*") == .within(bytes("/a")))
        #expect(RegexCoverage("/a.*b") == .within(bytes("/a")))
    }
}
