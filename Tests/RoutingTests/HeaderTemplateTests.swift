import Testing

@testable import Routing

@Suite struct HeaderTemplateTests {
    typealias Piece = HeaderTemplate.Piece

    @Test(arguments: [
        ("plain", [Piece.literal("plain")]),
        ("", []),
        ("$$5", [.literal("$5")]),
        ("Bearer ${pomerium.jwt}", [.literal("Bearer "), .reference(.assertion)]),
        ("$pomerium.id_token", [.reference(.idToken)]),
        ("$pomerium.access_token;", [.reference(.accessToken), .literal(";")]),
        ("${ pomerium . jwt }", [.reference(.assertion)]),
        ("${pomerium.request.headers[\"X-Foo\"]}", [.reference(.requestHeader("X-Foo"))]),
        ("$pomerium.request.headers[\"X \\\"q\\\"\"]x", [.reference(.requestHeader("X \"q\"")), .literal("x")]),
        ("${ pomerium . request . headers [ \"X-Foo\" ] }", [.reference(.requestHeader("X-Foo"))]),
        ("${pomerium.request.headers.X-Foo}", [.reference(.requestHeader("X-Foo"))]),
        ("${pomerium.client_cert_fingerprint}", [.reference(.clientCertificateFingerprint)]),
        (
            "${pomerium.client_cert_san_dns},${pomerium.client_cert_san_email}",
            [.reference(.clientCertificateDNSNames), .literal(","), .reference(.clientCertificateEmails)]
        ),
        ("100$", [.literal("100$")]),
        ("$ {x}", [.literal("$ {x}")]),
        ("${pomerium.jwt", [.literal("${pomerium.jwt")]),
        ("${}", [.literal("${}")]),
        ("$.x", [.literal("$.x")]),
    ])
    func readsPieces(text: String, pieces: [Piece]) throws {
        #expect(try HeaderTemplate(text).pieces == pieces)
    }

    @Test(arguments: [
        ("pa$word", "word"), ("$1", "1"), ("${pomerium.jvt}", "pomerium.jvt"), ("$pomerium.jwt.x", "pomerium.jwt.x"), ("$pomerium", "pomerium"),
    ])
    func refusesUnknownReferences(text: String, name: String) throws {
        let error = #expect(throws: HeaderTemplate.UnknownReference.self) { try HeaderTemplate(text) }
        #expect(error?.name == name)
    }

    @Test func knowsWhenNothingIsReferredTo() throws {
        #expect(try HeaderTemplate("a $$ b").constant == "a $ b")
        #expect(try HeaderTemplate("").constant == "")
        #expect(try HeaderTemplate("a ${pomerium.jwt}").constant == nil)
    }
}
