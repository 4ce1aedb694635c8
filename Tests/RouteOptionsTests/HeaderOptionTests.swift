import Diagnostics
import Routing
import Testing

@Suite struct HeaderOptionTests {
    @Test func readsEveryHeaderOption() throws {
        let (route, diagnostics) = try SampleRoute.decode(
            """
            to: http://a
            set_request_headers: {X-One: 1, X-Token: "${pomerium.id_token}"}
            remove_request_headers: [X-Two]
            set_response_headers: {X-Three: c}
            rewrite_response_headers: [{header: Location, prefix: "http://a/", value: "https://b/"}]
            pass_identity_headers: false
            jwt_issuer_format: IssuerURI
            """)
        #expect(route.setRequestHeaders.map(\.name) == ["X-One", "X-Token"])
        #expect(route.setRequestHeaders.map(\.value.pieces) == [[.literal("1")], [.reference(.idToken)]])
        #expect(route.removeRequestHeaders == ["X-Two"])
        #expect(route.setResponseHeaders?.map(\.name) == ["X-Three"])
        #expect(route.rewriteResponseHeaders == [ResponseHeaderRewrite(header: "Location", prefix: "http://a/", value: "https://b/")])
        #expect(route.passIdentityHeaders == false)
        #expect(route.jwtIssuerFormat == .uri)
        #expect(diagnostics.isEmpty)
    }

    @Test(arguments: ["a\\r\\nEvil: 1", "a\\u0000", " a", "a "])
    func refusesValuesThatCouldEndTheLine(value: String) throws {
        for key in ["set_request_headers", "set_response_headers"] {
            #expect(try SampleRoute.decode("to: http://a\n\(key): {X-A: \"\(value)\"}").diagnostics.map(\.code) == ["invalid-header-value"])
        }
    }
}
