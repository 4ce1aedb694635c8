import Testing

@testable import Routing

@Suite struct PathRegexTests {
    @Test(arguments: [
        ("/users/[0-9]+", "/users/7", true), ("/users/[0-9]+", "/users/7/x", false), ("/users/[0-9]+", "/x/users/7", false), ("/a|/ab", "/ab", true),
        (".*", "", true), ("", "", true), ("", "/", false), ("/a$", "/a\n", false), ("(?i)/API", "/api", true), ("/(?P<x>a)", "/a", true),
        ("/.", "/ä", false),
    ])
    func matchesTheWholePath(pattern: String, path: String, matches: Bool) throws {
        #expect(try PathRegex(pattern).matchesWhole(Array(path.utf8)) == (matches ? .matched : .notMatched))
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["(a+)+b", "(a|a)*b", "(.*)*b", "(a*)*(a*)*(a*)*b"])
    func givesUpOnCatastrophicPatterns(pattern: String) throws {
        let path = [UInt8](repeating: UInt8(ascii: "a"), count: 4000) + Array("dbd".utf8)
        #expect(try PathRegex(pattern).matchesWhole(path) == .limitExceeded)
    }

    /// The engine counts its steps from each starting point anew; the bound has to hold over all of them.
    @Test(.timeLimit(.minutes(1)), arguments: ["(a+)+b", "(a|a)*b", "(a|aa)+b|a"])
    func givesUpOnCatastrophicSubstitutions(pattern: String) throws {
        let path = [UInt8](repeating: UInt8(ascii: "a"), count: 8000) + Array("db".utf8)
        #expect(try PathRegex(pattern).replacing(in: path, with: "x") == nil)
    }

    @Test(arguments: [
        ("(", "missing closing parenthesis", 1), ("[", "missing terminating ] for character class", 1),
        ("*", "quantifier does not follow a repeatable item", 0),
        ("\\C", "using \\C is disabled by the application", 2),
    ])
    func saysWhereAPatternIsBroken(pattern: String, message: String, offset: Int) {
        #expect(throws: PathRegex.SyntaxError(message: message, offset: offset)) { try PathRegex(pattern) }
    }

    @Test func refusesEndlessPatterns() {
        #expect(throws: PathRegex.SyntaxError.self) { try PathRegex(String(repeating: "a", count: 9000)) }
        #expect(throws: PathRegex.SyntaxError.self) { try PathRegex("(*UTF)/a") }
    }

    @Test(arguments: [
        ("^/(\\w+)/old", "/\\1/new", "/x/old/y", "/x/new/y"), ("a", "\\0\\0", "/aba", "/aabaa"), ("/", "$1", "/a/b", "$1a$1b"),
        ("z", "x", "/a", "/a"),
        ("b", "\\\\", "/b", "/\\"), ("^", "/p", "/a", "/p/a"), ("(x)?a", "\\1", "/a", "/"),
    ])
    func replacesEveryMatch(pattern: String, substitution: String, path: String, expected: String) throws {
        let result = try PathRegex(pattern).replacing(in: Array(path.utf8), with: substitution)
        #expect(result.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test func givesUpOnResultsThatGrowTooLarge() throws {
        let path = [UInt8](repeating: UInt8(ascii: "a"), count: 4000)
        #expect(try PathRegex("a").replacing(in: path, with: String(repeating: "b", count: 100)) == nil)
    }

    @Test(
        arguments: [
            ("(a)", "\\1", nil), ("(a)", "\\2", "substitution refers to group \\2, but the pattern has 1"),
            ("a", "x y", "substitution contains a blank or a control character"),
            ("a", "\\x", "a backslash in a substitution must be followed by a digit or another backslash"),
            ("a", "\\", "a backslash in a substitution must be followed by a digit or another backslash"),
        ] as [(String, String, String?)])
    func findsBrokenSubstitutions(pattern: String, substitution: String, problem: String?) throws {
        #expect(try PathRegex(pattern).problem(ofSubstitution: substitution) == problem)
    }
}
