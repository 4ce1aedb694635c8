import Diagnostics
import Routing
import Testing

@testable import ProxyConfig

@Suite struct ManyRoutesTests {
    /// Ten thousand routes are checked and built in a time that does not grow with their square.
    @Test(.timeLimit(.minutes(1))) func buildsTenThousandRoutes() throws {
        let routes = (0..<10_000).map {
            "- {from: \"https://app\($0 % 100).localhost\", prefix: \"/part\($0)/\", to: \"http://10.0.0.1:80\", policy: [{allow: {and: [{domain: {is: example.com}}]}}]}"
        }
        let snapshot = try SampleConfig.load("routes:\n" + routes.joined(separator: "\n"))
        #expect(snapshot.routes.count == 10_000)
        guard case .route(let route) = snapshot.table.match(host: "app99.localhost", path: "/part9999/x") else {
            Issue.record("not found")
            return
        }
        #expect(route.definition.path.matchesPrefix("/part9999/"))
    }

    @Test(arguments: [0, 5_000, 9_999]) func readsOneChangedRouteOfMany(_ changed: Int) throws {
        func text(_ name: (Int) -> String) -> String {
            "# a\nroutes:\n" + (0..<10_000).map { "  - from: https://\(name($0)).localhost\n    to: http://10.0.0.1:80\n" }.joined()
        }
        let before = try SampleConfig.load(text { "app\($0)" })
        let after = try SampleConfig.loader("#\n" + text { $0 == changed ? "other" : "app\($0)" }).load("config.yaml", after: before)
        #expect(after.work == LoadWork(textsParsed: 2, routesDecoded: 1, routesCompiled: 1, filesRead: 1))
        #expect(after.routes.map { after.places.position(of: $0)?.line } == (0..<10_000).map { 4 + 2 * $0 })
        guard case .route(let route) = after.table.match(host: "other.localhost", path: "/") else {
            Issue.record("not found")
            return
        }
        #expect(route === after.routes[changed])
    }
}

extension PathMatcher {
    fileprivate func matchesPrefix(_ text: String) -> Bool {
        if case .prefix(let bytes) = self { bytes == Array(text.utf8) } else { false }
    }
}
