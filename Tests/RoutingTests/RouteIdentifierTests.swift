import Testing

@testable import Routing

@Suite struct RouteIdentifierTests {
    @Test func dependsOnOriginMatchAndDestinationAlone() {
        let base = SampleRoutes.definition("a.example.com")
        var renamed = base
        renamed.name = "other"
        renamed.allowAnyAuthenticatedUser = true
        #expect(RouteIdentifier.make(renamed) == RouteIdentifier.make(base))
        #expect(RouteIdentifier.make(base).count == 16)
        let others = [
            SampleRoutes.definition("b.example.com"), SampleRoutes.definition("a.example.com", port: 8443),
            SampleRoutes.definition("a.example.com", path: SampleRoutes.prefix("/x")),
            SampleRoutes.definition("a.example.com", path: SampleRoutes.exact("/x")),
        ]
        #expect(Set((others + [base]).map(RouteIdentifier.make)).count == 5)
    }
}
