import Diagnostics
import Testing

@Suite struct DiagnosticReportTests {
    @Test func rendersNothingWhenThereIsNothingToTell() {
        #expect(DiagnosticReport().rendered() == "")
        #expect(DiagnosticReport().isEmpty)
        #expect(!DiagnosticReport().hasErrors)
    }

    @Test func sortsByPositionAndKeepsTheOrderFound() {
        var report = DiagnosticReport()
        report.error("none", "without position", at: nil)
        report.error("late", "line nine", at: SourcePosition(file: "f", line: 9, column: 1))
        report.warning("second", "same place, found later", at: SourcePosition(file: "f", line: 2, column: 1))
        report.error("third", "same place, found last", at: SourcePosition(file: "f", line: 2, column: 1))
        report.error("none", "without position either", at: nil)
        #expect(report.sorted.map(\.code) == ["second", "third", "late", "none", "none"])
        #expect(report.sorted.last?.message == "without position either")
    }

    @Test func countsAtTheEnd() {
        var report = DiagnosticReport()
        report.error("a", "first", at: nil)
        #expect(report.rendered() == "error: first [a]\n1 error\n")
        report.warning("b", "second", at: nil)
        report.error("c", "third", at: nil)
        #expect(report.rendered().hasSuffix("2 errors, 1 warning\n"))
        #expect(DiagnosticReport([Diagnostic(.note, code: "n", "by the way")]).rendered() == "note: by the way [n]\n")
    }

    @Test func warningsAloneAreNoErrors() {
        var report = DiagnosticReport([Diagnostic(.warning, code: "w", "m")])
        #expect(!report.hasErrors)
        report.merge(DiagnosticReport([Diagnostic(code: "e", "m")]))
        #expect(report.hasErrors)
        #expect(report.diagnostics.count == 2)
    }

    @Test func anErrorShowsItsWholeReport() {
        let error = DiagnosticError(DiagnosticReport([Diagnostic(code: "a", "x"), Diagnostic(code: "b", "y")]))
        #expect("\(error)" == "error: x [a]\nerror: y [b]\n2 errors\n")
        #expect("\(DiagnosticError(Diagnostic(code: "a", "x")))" == "error: x [a]\n1 error\n")
    }
}
