import Diagnostics
import Testing

@testable import PolicyLanguage

@Suite struct PositionedValueTests {
    private func parse(_ yaml: String, limits: PositionedValue.Limits = .standard) -> (value: PositionedValue?, report: DiagnosticReport) {
        var report = DiagnosticReport()
        let value = PositionedValue.parse(yaml: yaml, file: "f.yaml", limits: limits, report: &report)
        return (value, report)
    }

    @Test func remembersThePositionOfEveryNode() throws {
        let (value, report) = parse("a: 1\nlist:\n  - x\n  - {y: z}\n")
        #expect(report.isEmpty)
        let root = try #require(value?.mapping)
        #expect(root.map(\.key) == ["a", "list"])
        #expect(root[0].value.position == SourcePosition(file: "f.yaml", line: 1, column: 4))
        let list = try #require(root[1].value.sequence)
        #expect(list[0].position == SourcePosition(file: "f.yaml", line: 3, column: 5))
        #expect(list[1].mapping?[0].keyPosition == SourcePosition(file: "f.yaml", line: 4, column: 6))
    }

    @Test(arguments: [
        ("~", PositionedValue.Kind.null), ("", .null), ("null", .null), ("true", .bool(true)), ("False", .bool(false)), ("yes", .string("yes")),
        ("off", .string("off")), ("12", .int(12)), ("-3", .int(-3)), ("+7", .int(7)), ("0x1F", .int(31)), ("0o17", .int(15)), ("017", .int(15)),
        ("0b101", .int(5)), ("1_000", .int(1000)), ("0", .int(0)), ("08", .double(8)), ("1.5", .double(1.5)), (".5", .double(0.5)),
        ("1e3", .double(1000)), ("-.inf", .double(-.infinity)), ("12:30", .string("12:30")), ("2024-01-02", .string("2024-01-02")),
        ("1.2.3.4", .string("1.2.3.4")), ("--1", .string("--1")), (".", .string(".")), ("'12'", .string("12")),
        ("\"true\"", .string("true")), ("!!str 12", .string("12")), ("!!int '12'", .int(12)), ("99999999999999999999", .double(1e20)),
        ("e5", .string("e5")), ("0x", .string("0x")), ("0x-1", .string("0x-1")), ("+-1", .string("+-1")),
    ])
    func resolvesScalars(text: String, kind: PositionedValue.Kind) throws {
        let (value, report) = parse("key: \(text)\n")
        #expect(report.isEmpty)
        #expect(value?["key"]?.kind == kind)
    }

    @Test func keepsTheTextOfAScalar() {
        let (value, _) = parse("mode: 007\nport: 8080\nnothing: null\n")
        #expect(value?["mode"]?.scalarText == "007")
        #expect(value?["port"]?.scalarText == "8080")
        #expect(value?["port"]?.string == nil)
        #expect(value?["nothing"]?.scalarText == nil)
    }

    @Test func readsJSON() throws {
        let (value, report) = parse(#"{"a": [1, 2.5, "x\u0041\/", null, true], "b": {"c": {}}}"#)
        #expect(report.isEmpty)
        #expect(value?["a"]?.sequence?.map(\.kind) == [.int(1), .double(2.5), .string("xA/"), .null, .bool(true)])
        #expect(value?["b"]?["c"]?.mapping?.isEmpty == true)
    }

    @Test(arguments: [
        (#"{"a": "\ud83d\ude00!"}"#, "😀!"), (#"{"a": "\uD83D\uDE00\ud83d\udE01"}"#, "😀😁"), (#"{"a": "\\ud83d\\ude00"}"#, #"\ud83d\ude00"#),
        ("{\n\t\"a\":\t\"x\"\n}", "x"), ("{\"a\":\r\n\"x\"}\r\n", "x"), (#"{"a": "é\n"}"#, "é\n"),
    ])
    func readsJSONStrings(text: String, string: String) {
        let (value, report) = parse(text)
        #expect(report.isEmpty, "\(report.rendered())")
        #expect(value?["a"]?.string == string)
    }

    @Test(arguments: [#"{"a": "\ud83d"}"#, #"{"a": "\ud83d\u0041"}"#, #"{"a": "\ude00\ud83d"}"#, #"["\ud83d\ude0"]"#])
    func refusesLoneSurrogates(text: String) {
        #expect(parse(text).report.diagnostics.map(\.code) == ["yaml-syntax"])
    }

    @Test func aBarePairInAFlowListIsAnObject() {
        let (value, _) = parse(#"["email": {is: x}]"#)
        #expect(value?.sequence?.first?.mapping?.first?.key == "email")
    }

    @Test func anEmptyTextIsNull() {
        let (value, report) = parse("# nothing\n")
        #expect(value?.isNull == true)
        #expect(report.isEmpty)
    }

    @Test func expandsAliasesAndMergeKeys() {
        let text = "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\none: {<<: *b, x: 9}\ntwo: {<<: [*o, *b]}\nthree: *b\n"
        let (value, report) = parse(text)
        #expect(report.isEmpty)
        #expect(value?["one"]?.mapping?.map { "\($0.key)=\($0.value.text ?? "")" } == ["x=9", "y=2"])
        #expect(value?["two"]?.mapping?.map { "\($0.key)=\($0.value.text ?? "")" } == ["y=3", "z=4", "x=1"])
        #expect(value?["three"]?["y"]?.int == 2)
    }

    @Test(arguments: [
        ("a: [1, 2", "yaml-syntax", 2), ("a: 1\na: 2\n", "duplicate-key", 2), ("{a: 1, a: 2}", "duplicate-key", 1), ("1: x\n", "key-not-a-string", 1),
        ("x: 1\n[a]: x\n", "key-not-a-string", 2), ("a: *nowhere\n", "yaml-syntax", 1), ("a\u{1}b", "yaml-syntax", 1),
        ("a: !!binary aGk=\n", "unsupported-tag", 1), ("a: 1\n---\nb: 2\n", "yaml-syntax", 2), ("a: {<<: 5}\n", "merge-key", 1),
        ("a: b: c\n", "yaml-syntax", 1), ("true: x\n", "key-not-a-string", 1), ("a: \"\\ud83d\"", "yaml-syntax", 1),
    ])
    func reportsProblemsWithTheirPlace(text: String, code: String, line: Int) throws {
        let (_, report) = parse(text)
        let diagnostic = try #require(report.diagnostics.first)
        #expect(diagnostic.code == code)
        #expect(diagnostic.position?.line == line)
        #expect(report.diagnostics.count == 1)
    }

    @Test func reportsSeveralProblemsInOneGo() {
        let (value, report) = parse("1: x\n2: y\n")
        #expect(report.diagnostics.map(\.position?.line) == [1, 2])
        #expect(value?.mapping?.map(\.key) == ["1", "2"])
    }

    @Test func endsAnAliasBombInADiagnostic() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let (value, report) = parse(text)
        #expect(value == nil)
        #expect(report.diagnostics.map(\.code) == ["document-too-large"])
    }

    @Test(arguments: ["? *a40\n: x\n", "*a40 : x\n", "flow: {*a40 : x}\n", "[*a40, *a40] : x\n", "? - *a40\n: x\n"])
    func refusesAnAliasBombInAKey(key: String) {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let (value, report) = parse(text + key)
        #expect(value == nil)
        #expect(report.diagnostics.map(\.code) == ["document-too-large"])
    }

    @Test func keysMayBeAliasesOfTexts() {
        let (value, report) = parse("a: &k name\n*k : 1\n? &l other\n: *l\n")
        #expect(report.isEmpty, "\(report.rendered())")
        #expect(value?.mapping?.map { "\($0.key)=\($0.value.text ?? "")" } == ["a=name", "name=1", "other=other"])
        #expect(value?.mapping?[1].keyPosition == SourcePosition(file: "f.yaml", line: 1, column: 4))
        #expect(parse("a: &k 5\n*k : 1\n").report.diagnostics.map(\.code) == ["key-not-a-string"])
    }

    @Test func whatStandsUnderAKeyThatIsNoneIsNotLookedAt() {
        #expect(parse("[!!binary x]: !!binary y\na: &b 1\nc: *b\n").report.diagnostics.map(\.code) == ["key-not-a-string"])
    }

    @Test(arguments: [
        ("b: 1\na: 1\nb: 2\na: 2\n", "mapping keys \"a\", \"b\" already defined", 2),
        ("{x: {\"k\": 1, k: 2}, y: [}", "mapping key \"k\" already defined", 1),
        ("a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1\nh: 1\ni: 1\nc: 2\n", "mapping key \"c\" already defined at line 3", 10),
        ("<<: {a: 1}\n<<: {b: 1}\n", "mapping key \"<<\" already defined at line 1", 2),
    ])
    func namesKeysThatAreThereTwice(text: String, message: String, line: Int) throws {
        let diagnostic = try #require(parse(text).report.diagnostics.first)
        #expect(diagnostic.code == "duplicate-key" && diagnostic.message.contains(message) && diagnostic.position?.line == line, "\(diagnostic)")
    }

    /// Aliases count for what they stand for, in depth as in size.
    @Test func boundsWhatAliasesStandFor() {
        let deep = "a: &a \(String(repeating: "[", count: 60))x\(String(repeating: "]", count: 60))\n"
        #expect(parse(deep + "b: \(String(repeating: "[", count: 39))*a\(String(repeating: "]", count: 39))\n").report.isEmpty)
        let tooDeep = deep + "b: \(String(repeating: "[", count: 40))*a\(String(repeating: "]", count: 40))\n"
        #expect(parse(tooDeep).report.diagnostics.map(\.code) == ["document-too-deep"])
        #expect(parse("a: &a [1, 2]\nb: *a\n", limits: .init(nodes: 7)).report.isEmpty)
        #expect(parse("a: &a [1, 2]\nb: *a\n", limits: .init(nodes: 6)).report.diagnostics.map(\.code) == ["document-too-large"])
    }

    @Test func movesItsPlaces() throws {
        let value = try #require(parse("a: [{b: 1}]\n").value)
        #expect(value.moved(byLines: 2, in: "other") == value)
        #expect(value.moved(byLines: 2, in: "f.yaml") == parse("\n\na: [{b: 1}]\n").value)
    }

    @Test func boundsDepthAndSize() {
        let deep = String(repeating: "[", count: 101) + "x" + String(repeating: "]", count: 101)
        #expect(parse(deep).report.diagnostics.map(\.code) == ["document-too-deep"])
        #expect(parse(String(deep.dropFirst().dropLast())).report.isEmpty)
        let endless = String(repeating: "[", count: 100_000)
        #expect(parse(endless).report.diagnostics.map(\.code) == ["document-too-deep"])
        #expect(parse("aaaa", limits: .init(bytes: 3)).report.diagnostics.map(\.code) == ["document-too-large"])
        #expect(parse("[1, 2, 3]", limits: .init(nodes: 3)).report.diagnostics.map(\.code) == ["document-too-large"])
    }

    @Test func comparesValuesWithoutTheirPlaces() throws {
        let (value, _) = parse("[{a: 1, b: [x]}, {b: ['x'], a: 1.0}, {a: '1', b: [x]}]")
        let elements = try #require(value?.sequence)
        #expect(elements[0].hasSameValue(as: elements[1]))
        #expect(!elements[0].hasSameValue(as: elements[2]))
    }
}
