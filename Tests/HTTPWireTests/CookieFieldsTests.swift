import HTTPWire
import Testing

@Suite struct CookieFieldsTests {
    static func head(_ cookies: [String]) throws -> RequestHead {
        let fields = cookies.map { "Cookie: \($0)\r\n" }.joined()
        return try RequestHead.parse(Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8))
    }

    @Test(arguments: [
        (["a=1; b=2"], ["a=1", "b=2"]), (["a=1;b=2 ; c=3"], ["a=1", "b=2", "c=3"]), (["a=1", "b=2"], ["a=1", "b=2"]),
        (["a=b=c"], ["a=b=c"]), (["a"], ["a="]), (["=v"], ["=v"]), ([" a = 1 "], ["a=1"]), (["; ;a=1;"], ["a=1"]), ([""], []), ([], []),
        (["a=\"x; y\""], ["a=\"x", "y\"="]),
    ]) func readsCookies(_ fields: [String], _ expected: [String]) throws {
        let head = try Self.head(fields)
        #expect(CookieFields(head).map { "\(head.view($0.name))=\(head.view($0.value))" } == expected)
    }

    @Test func findsAllValuesOfAName() throws {
        let cookies = CookieFields(try Self.head(["_pomerium=1; a=2", "_pomerium=3; _Pomerium=4; _pomerium2=5; _pomerium"]))
        #expect(cookies.values(named: "_pomerium").map(\.string) == ["1", "3", ""])
        #expect(cookies.first(named: "_pomerium")?.string == "1")
        #expect(cookies.first(named: "b") == nil)
    }

    @Test(arguments: [
        (["_pomerium=x"], ""), (["_pomerium=x; _pomerium=y", "_pomerium"], ""), ([], ""),
        (["a=1; _pomerium=x; b=2"], "Cookie: a=1; b=2\r\n"), (["_pomerium=x;a=\"q\""], "Cookie: a=\"q\"\r\n"),
        (["a=1", "_pomerium=x", "b=2"], "Cookie: a=1; b=2\r\n"), (["a = 1;_pomerium = x"], "Cookie: a = 1\r\n"),
        (["a=_pomerium=x"], "Cookie: a=_pomerium=x\r\n"), (["_pomerium_csrf=1; other=2"], "Cookie: other=2\r\n"),
    ]) func stripsOwnCookies(_ fields: [String], _ expected: String) throws {
        var builder = HeadBuilder()
        builder.cookies(from: try Self.head(fields), except: CookieNames(names: ["_pomerium", "_pomerium_csrf"], prefixes: []))
        #expect(String(decoding: builder.bytes, as: UTF8.self) == expected)
    }
}
