import Testing

@testable import Diagnostics

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("adress", "address"), ("addres", "address"), ("routs", "routes"), ("cookie_scret", "cookie_secret"), ("tp", "to"), ("form", "from"),
        ("authenticate_servcie_url", "authenticate_service_url"),
    ])
    func findsTheLikelyWord(typo: String, meant: String) {
        let candidates = ["address", "routes", "cookie_secret", "to", "from", "authenticate_service_url"]
        #expect(Suggestion.nearest(to: typo, in: candidates) == meant)
    }

    @Test(arguments: ["", "zzz", "completely_different", String(repeating: "a", count: 65)])
    func staysSilentWhereNothingIsNear(word: String) {
        #expect(Suggestion.nearest(to: word, in: ["address", "routes", String(repeating: "a", count: 64)]) == nil)
    }

    @Test func takesTheFirstInTheAlphabetOfEquallyNearOnes() {
        #expect(Suggestion.nearest(to: "bat", in: ["cat", "bar", "bad"]) == "bad")
    }

    @Test(arguments: [
        ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abcd", "badc", 2), ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ])
    func countsEdits(left: String, right: String, distance: Int) {
        #expect(Suggestion.editDistance(Array(left.utf8), Array(right.utf8)) == distance)
        #expect(Suggestion.editDistance(Array(right.utf8), Array(left.utf8)) == distance)
    }
}
