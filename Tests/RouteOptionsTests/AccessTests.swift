import Diagnostics
import PolicyLanguage
import Routing
import Testing

@Suite struct AccessTests {
    @Test func readsEveryAccessOption() throws {
        let (route, diagnostics) = try SampleRoute.decodeWhole(
            """
            - from: https://a.example
              to: http://a
              allowed_users: [a@example.com, 7]
              allowed_domains: example.com
              allowed_idp_claims: {team: [x, 5], admin: true}
              cors_allow_preflight: true
              show_error_details: "true"
              policy: {allow: {or: [{accept: true}]}}
            """)
        #expect(route.allowedUsers == ["a@example.com", "7"])
        #expect(route.allowedDomains == ["example.com"])
        #expect(route.allowedIDPClaims.map(\.name) == ["admin", "team"])
        #expect(route.allowedIDPClaims.map(\.values) == [[.bool(true)], [.string("x"), .int(5)]])
        #expect(route.corsAllowPreflight)
        #expect(route.showErrorDetails)
        #expect(route.policy?.rules.count == 1)
        #expect(diagnostics.isEmpty)
    }

    @Test func pointsIntoThePolicy() throws {
        let (_, diagnostics) = try SampleRoute.decode("to: http://a\npolicy:\n  allow:\n    xor: []")
        #expect(diagnostics.map { $0.position?.line } == [6])
    }
}
