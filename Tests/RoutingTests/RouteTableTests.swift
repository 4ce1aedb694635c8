import Testing

@testable import Routing

@Suite struct RouteTableTests {
    let table: RouteTable

    init() throws {
        table = RouteTable([
            SampleRoutes.route("everything", "*.example.com"),
            SampleRoutes.route("api", "app.example.com", path: SampleRoutes.prefix("/api/")),
            SampleRoutes.route("exact", "app.example.com", path: SampleRoutes.exact("/login")),
            SampleRoutes.route("slow", "regex.example.com", path: .regex(try PathRegex("/(a+)+b"))),
            SampleRoutes.route("after", "regex.example.com"),
            SampleRoutes.route("admin", "app.example.com", port: 8443),
        ])
    }

    private func outcome(_ host: String, _ port: UInt16? = nil, _ path: String) -> String {
        switch table.match(host: host, port: port, path: path) {
        case .route(let route): route.name
        case .noRoute: "no route"
        case .unknownHost: "unknown host"
        case .limitExceeded: "limit exceeded"
        }
    }

    @Test(
        arguments: [
            ("app.example.com", nil, "/api/x", "api"), ("app.example.com", 443, "/login", "exact"), ("app.example.com", 8080, "/login", "exact"),
            ("app.example.com", nil, "/", "no route"), ("app.example.com", 8443, "/", "admin"), ("app.example.com", 8443, "/api/x", "admin"),
            ("APP.example.com.", nil, "/api/", "api"), ("x.example.com", nil, "/", "everything"), ("example.com", nil, "/", "unknown host"),
            ("", nil, "/", "unknown host"), (".", nil, "/", "unknown host"), ("regex.example.com", nil, "/ab", "slow"),
            ("regex.example.com", nil, "/c", "after"),
        ] as [(String, UInt16?, String, String)])
    func choosesTheRoute(host: String, port: UInt16?, path: String, name: String) {
        #expect(outcome(host, port, path) == name)
    }

    @Test func listsEachHostOnce() {
        #expect(table.hostNames == ["app.example.com", "regex.example.com"])
        #expect(table.knows(host: "app.example.com") && table.knows(host: "x.example.com") && !table.knows(host: "app.example.org"))
    }

    /// Many names in few slots, added in an order in which those of one host do not follow one another.
    @Test func findsEveryHostOfMany() {
        let table = RouteTable(
            (0..<3000).map { SampleRoutes.route("r\($0)", "h\($0 % 1000).example.com", path: SampleRoutes.prefix("/\($0 / 1000)/")) })
        for number in 0..<3000 {
            guard case .route(let route) = table.match(host: "h\(number % 1000).example.com", path: "/\(number / 1000)/x") else {
                Issue.record("\(number) is not found")
                return
            }
            #expect(route === table.routes[number])
        }
        #expect(table.hostNames.count == 1000)
        guard case .unknownHost = table.match(host: "h1000.example.com", path: "/0/") else {
            Issue.record("a host that no route has")
            return
        }
    }

    @Test func choosesNoOtherRouteWhenAnExpressionGivesUp() {
        #expect(outcome("regex.example.com", nil, "/" + String(repeating: "a", count: 3000) + "db") == "limit exceeded")
    }

    @Test func knowsItsHosts() {
        #expect(table.knows(host: "app.example.com"))
        #expect(table.knows(host: "other.example.com"))
        #expect(!table.knows(host: "example.org"))
    }
}
