import Routing
import Testing

@testable import ProxyConfig

/// `Tests/Golden/routing`: routes, then lines `host[:port] path → name of the route`.
@Suite struct GoldenRoutingTests {
    @Test(arguments: GoldenFile.names(in: "routing"))
    func matchesItsGoldenFile(name: String) throws {
        let file = try GoldenFile(name, in: "routing")
        let table = try SampleConfig.load(file.input).table
        var output = ""
        for line in file.expected.split(separator: "\n") {
            let parts = line.split(separator: " ")
            let authority = parts[0].split(separator: ":")
            let match = table.match(host: String(authority[0]), port: authority.count > 1 ? UInt16(authority[1]) : nil, path: String(parts[1]))
            let outcome =
                switch match {
                case .route(let route): route.name
                case .noRoute: "(no route)"
                case .unknownHost: "(unknown host)"
                case .limitExceeded: "(limit exceeded)"
                }
            output += "\(parts[0]) \(parts[1]) → \(outcome)\n"
        }
        try file.check(output)
    }
}
