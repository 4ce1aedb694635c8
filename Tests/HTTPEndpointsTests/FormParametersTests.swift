import HTTPEndpoints
import HTTPTypes
import Testing

@Suite struct FormParametersTests {
    @Test(
        arguments: [
            ("", [:]), ("a=1", ["a": "1"]), ("a=1&b=2", ["a": "1", "b": "2"]), ("a", ["a": ""]), ("a=", ["a": ""]), ("=v", ["": "v"]),
            ("a=b=c", ["a": "b=c"]),
            ("&&a=1&&", ["a": "1"]), ("a=x+y%20z", ["a": "x y z"]), ("a=%C3%A4", ["a": "ä"]), ("a=%zz%4", ["a": "%zz%4"]), ("a=%", ["a": "%"]),
            ("a=%41", ["a": "A"]), ("a=%2b%26%3D", ["a": "+&="]), ("%61=1", ["a": "1"]), ("a=%FF", ["a": "\u{FFFD}"]), ("a=%00", ["a": "\u{0}"]),
        ] as [(String, [String: String])])
    func reads(text: String, expected: [String: String]) {
        let parameters = FormParameters(text)
        #expect(parameters.pairs.count == expected.count)
        for (name, value) in expected { #expect(parameters[name] == value) }
    }

    @Test func takesTheFirstOfSeveral() {
        #expect(FormParameters("a=1&a=2")["a"] == "1")
        #expect(FormParameters("a=1")["b"] == nil)
    }

    @Test func keepsABoundedNumberOfPairs() {
        let parameters = FormParameters((0..<1000).map { "p\($0)=v" }.joined(separator: "&"))
        #expect(parameters.pairs.count == 256)
        #expect(parameters["p255"] == "v" && parameters["p256"] == nil)
    }

    @Test func escapesAllThatIsNotUnreserved() {
        let parameters: FormParameters = FormParameters(["redirect uri": "https://a.example/?x=1&y=ä", "~-._": "\u{0}"])
        #expect(parameters.encoded == "redirect%20uri=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%C3%A4&~-._=%00")
        #expect(FormParameters(parameters.encoded) == parameters)
    }

    @Test func readsBackEveryByteThatItWrites() {
        let text = String(decoding: (UInt8(0)..<128), as: UTF8.self) + "äß漢🔑"
        #expect(FormParameters.decode(FormParameters.encode(text)) == text)
    }

    @Test func appendsAndRemoves() {
        var parameters = FormParameters("a=1&b=2&a=3")
        parameters.remove("a")
        parameters.append("c", "4")
        #expect(parameters.encoded == "b=2&c=4")
    }
}

@Suite struct ControlRequestTests {
    @Test(arguments: [
        ("application/x-www-form-urlencoded", true), ("application/x-www-form-urlencoded; charset=utf-8", true),
        ("Application/X-WWW-Form-Urlencoded", true),
        ("application/json", false), ("", false), ("multipart/form-data; boundary=x", false), ("application/x-www-form-urlencodedx", false),
    ])
    func readsAFormByItsContentTypeOnly(type: String, isForm: Bool) {
        let request = ControlRequest(method: .post, host: "h", path: "/", headers: [.contentType: type], body: Array("a=1".utf8))
        #expect(request.formParameters["a"] == (isForm ? "1" : nil))
    }

    @Test func showsItsTarget() {
        #expect(ControlRequest(host: "h", path: "/p").target == "/p")
        #expect(ControlRequest(host: "h", path: "/p", query: "a=1").target == "/p?a=1")
        #expect(ControlRequest(host: "h", path: "/p", query: "a=1").queryParameters["a"] == "1")
    }

    @Test func findsCookiesOverSeveralHeaderLines() {
        var headers = HTTPFields()
        headers.append(HTTPField(name: .cookie, value: "s=1; t=x"))
        headers.append(HTTPField(name: .cookie, value: "s=2"))
        let request = ControlRequest(host: "h", path: "/", headers: headers)
        #expect(request.cookies(named: "s") == ["1", "2"])
        #expect(request.cookies(named: "S").isEmpty)
        #expect(request.allCookies.count == 3)
    }
}
