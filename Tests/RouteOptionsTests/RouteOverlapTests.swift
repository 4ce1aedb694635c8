import Diagnostics
import Routing
import Testing

@testable import RouteOptions

@Suite struct RouteOverlapTests {
    private func codes(_ routes: [(host: String, path: PathMatcher)]) -> [String] {
        var report = DiagnosticReport()
        let definitions = routes.map { host, path in
            var route = RouteDefinition()
            route.from = RouteSource(scheme: .https, host: HostPattern(host: host, port: nil), text: "https://\(host)")
            route.path = path
            return route
        }
        RouteOverlap.check(definitions.map(RouteOverlap.Match.init), &report) { definitions[$0] }
        return report.diagnostics.map(\.code)
    }

    private func prefix(_ text: String) -> PathMatcher { .prefix(Array(text.utf8)) }
    private func exact(_ text: String) -> PathMatcher { .exact(Array(text.utf8)) }

    @Test func findsDuplicates() throws {
        #expect(codes([("a", .any), ("a", prefix("/"))]) == ["duplicate-route"])
        #expect(codes([("a", exact("/x")), ("a", exact("/x"))]) == ["duplicate-route"])
        #expect(codes([("a", .regex(try PathRegex("/x.*"))), ("a", .regex(try PathRegex("/x.*")))]) == ["duplicate-route"])
        #expect(codes([("a", .any), ("b", .any)]) == [])
    }

    @Test func findsWhatAnEarlierPrefixTakes() {
        #expect(
            codes([("a", prefix("/x")), ("a", prefix("/xy/")), ("a", exact("/xyz")), ("a", exact("/y"))]) == ["shadowed-route", "shadowed-route"])
        #expect(codes([("a", prefix("/xy/")), ("a", prefix("/x"))]) == [])
    }

    @Test func findsWhatAnEarlierWildcardTakes() {
        #expect(codes([("*.example", .any), ("*.a.example", prefix("/x/"))]) == ["shadowed-route"])
        #expect(codes([("*.example", prefix("/x/")), ("*.a.example", .any)]) == [])
        #expect(codes([("*.example", .any), ("a.example", .any)]) == [])
    }
}
