import Diagnostics
import PolicyLanguage
import Testing

@testable import ConfigLints

@Suite struct SourceTextTests {
    private static func value(_ text: String) throws -> (SourceText, PositionedValue) {
        var report = DiagnosticReport()
        let value = try #require(PositionedValue.parse(yaml: text, file: "f", report: &report))
        return (SourceText(text, file: "f"), value)
    }

    @Test(arguments: [
        ("k: Ann", 4, 7), ("k: \"Ann\"", 5, 8), ("k: 'Ann' # why", 5, 8), ("{k: Ann}", 5, 8), ("k: Ann # why", 4, 7), ("\"ü\": 1\nk: Ann", 4, 7),
    ])
    func replacesAScalarWithinItsQuotes(text: String, start: Int, end: Int) throws {
        let (source, value) = try Self.value(text)
        let scalar = try #require(value["k"])
        let edit = try #require(source.replacing(scalar, with: "bob"))
        #expect([edit.start.column, edit.endColumn] == [start, end])
        #expect(edit.replacement == "bob")
    }

    @Test(arguments: ["k: \"A\\u006en\"", "k: |\n  Ann\n", "k: 'A''n'", "k: &a Ann", "k: A\n  nn", "k: !!str Ann"])
    func leavesTextAloneThatIsWrittenInAnotherWay(text: String) throws {
        let (source, value) = try Self.value(text)
        let scalar = try #require(value["k"])
        #expect(source.replacing(scalar, with: "bob") == nil)
    }

    @Test func neverBreaksTheQuotes() throws {
        let (source, value) = try Self.value("k: Ann\nl: 'Ann'")
        let (plain, quoted) = (try #require(value["k"]), try #require(value["l"]))
        #expect(source.replacing(plain, with: "a: b") == nil)
        #expect(source.replacing(plain, with: "*a") == nil)
        #expect(source.replacing(quoted, with: "it's") == nil)
        #expect(source.replacing(quoted, with: "a: b") != nil)
    }

    @Test(arguments: [
        ("a: 1\nb: 2\n", true), ("a: 1\nb: \"2\" # x\n", true), ("{a: 1, b: 2}", false), ("- b: 2\n  a: 1\n", false), ("b: {c: 1}\n", false),
        ("b:\n  2\n", false),
    ])
    func removesALineThatHoldsNothingElse(text: String, can: Bool) throws {
        let (source, value) = try Self.value(text)
        let entries = value.mapping ?? value.sequence?.first?.mapping ?? []
        let entry = try #require(entries.first { $0.key == "b" })
        let edit = source.removingLine(of: entry)
        #expect((edit != nil) == can)
    }
}
