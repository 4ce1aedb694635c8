import Foundation
import Records
import Testing

@Suite struct ClaimValueTests {
    @Test(arguments: [
        ("\"a\"", ClaimValue.string("a")), ("\"1\"", .string("1")), ("true", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
        ("1", .integer(1)),
        ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)), ("1.5", .number(1.5)), ("1e300", .number(1e300)),
    ])
    func readsAndWritesJSON(json: String, value: ClaimValue) throws {
        #expect(try JSONDecoder().decode([ClaimValue].self, from: Data("[\(json)]".utf8)) == [value])
        let written = try JSONEncoder().encode([value])
        #expect(try JSONDecoder().decode([ClaimValue].self, from: written) == [value])
    }

    @Test(arguments: ["{}", "[]", "null"])
    func takesScalarsOnly(json: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode([ClaimValue].self, from: Data("[\(json)]".utf8)) }
    }

    @Test(arguments: [
        (ClaimValue.string("ä b"), "ä b"), (.integer(-3), "-3"), (.number(3), "3"), (.number(-2.5), "-2.5"), (.bool(true), "true"),
        (.bool(false), "false"),
        (.number(1e14), "100000000000000"), (.number(1e20), "1e+20"), (.number(.infinity), "inf"), (.number(.nan), "nan"), (.number(-0.0), "0"),
    ])
    func readsAsText(value: ClaimValue, text: String) {
        #expect(value.text == text)
    }

    @Test func joinsTheValuesOfAClaim() {
        let claims: Claims = ["groups": [.string("a"), .integer(2), .bool(true)], "empty": []]
        #expect(claims.joined("groups") == "a,2,true")
        #expect(claims.joined("empty") == nil)
        #expect(claims.joined("absent") == nil)
    }
}
