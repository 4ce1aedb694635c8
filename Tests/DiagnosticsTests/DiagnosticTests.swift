import Diagnostics
import Testing

@Suite struct DiagnosticTests {
    @Test func readsLikeTheOutputOfACompiler() {
        let diagnostic = Diagnostic(
            code: "unknown-key", "unknown key adress", at: SourcePosition(file: "config.yaml", line: 3, column: 1), help: "did you mean address?")
        #expect(diagnostic.description == "config.yaml:3:1: error: unknown key adress [unknown-key]\n  help: did you mean address?")
    }

    @Test func leavesOutWhatIsUnknown() {
        #expect(Diagnostic(.warning, code: "c", "m").description == "warning: m [c]")
        #expect(SourcePosition(file: "f", line: 2).description == "f:2")
        #expect(SourcePosition(file: "environment ADDRESS").description == "environment ADDRESS")
    }

    @Test func ordersSeverities() {
        #expect([Diagnostic.Severity.error, .note, .warning].sorted() == [.note, .warning, .error])
    }

    @Test func ordersPositionsByFileLineAndColumn() {
        let positions = [
            SourcePosition(file: "a", line: 1, column: 9), SourcePosition(file: "a", line: 2, column: 1),
            SourcePosition(file: "a", line: 10, column: 1),
            SourcePosition(file: "b"),
        ]
        #expect(positions.reversed().sorted() == positions)
    }
}
