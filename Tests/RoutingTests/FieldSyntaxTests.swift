import Testing

@testable import Routing

@Suite struct FieldSyntaxTests {
    @Test(arguments: [("X-Foo", true), ("a!#$%&'*+-.^_`|~9", true), ("", false), ("X Foo", false), ("X:", false), ("Ä", false), ("X\n", false)])
    func knowsLegalNames(name: String, isLegal: Bool) {
        #expect(FieldSyntax.isName(name) == isLegal)
    }

    @Test(arguments: [
        ("a b", true), ("", true), ("a\tb", true), ("ä", true), (" a", false), ("a ", false), ("a\r\nb: c", false), ("a\u{0}", false),
        ("\u{7f}", false),
    ])
    func knowsLegalValues(value: String, isLegal: Bool) {
        #expect(FieldSyntax.isValue(value) == isLegal)
    }
}
