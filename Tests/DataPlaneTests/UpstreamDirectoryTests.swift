import HTTPWire
import NIOCore
import NIOEmbedded
import Routing
import Testing

@testable import DataPlane

@Suite struct UpstreamDirectoryTests {
    private func upstreams(_ weights: [UInt32?]) -> RouteUpstreams {
        let targets = weights.enumerated().map { index, weight in
            let target = UpstreamTarget(scheme: .http, host: "host\(index)", port: 80, authority: "host\(index)", weight: weight)
            return RouteUpstreams.Target(target: target, authority: ByteView(target.authority), pool: .failure(.noTargets))
        }
        return RouteUpstreams(route: .test(), targets: targets)
    }

    /// Weights, and the order of twelve requests.
    @Test(arguments: [
        ([nil], "000000000000"), ([nil, nil, nil], "012012012012"), ([5, 1], "000100000100"), ([1, 2, 1], "102110211021"), ([0, 1], "111111111111"),
    ])
    func takesTurnsByWeight(weights: [UInt32?], order: String) {
        let upstreams = upstreams(weights)
        let chosen = (0..<12).map { _ in upstreams.next()?.target.host.dropFirst(4) ?? "-" }.joined()
        #expect(chosen.count == 12)
        for index in weights.indices {
            let digit = Character("\(index)")
            #expect(chosen.count { $0 == digit } == order.count { $0 == digit })
        }
    }

    @Test func hasNothingToOfferWithoutTargets() {
        #expect(upstreams([]).next()?.target == nil)
    }

    /// Name, addresses in the order of trial.
    @Test(arguments: [
        ("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]), ("localhost", ["127.0.0.1", "::1"]), ("a.LOCALHOST", ["127.0.0.1", "::1"]),
    ])
    func knowsLoopbackWithoutAsking(name: String, expected: [String]) throws {
        let resolver = NameResolver(eventLoop: EmbeddedEventLoop(), lookup: NameLookup { _, _ in throw NameLookup.Failure(reason: "asked") })
        var found: [String] = []
        resolver.resolve(name, port: 80) { result in found = (try? result.get())?.compactMap(\.ipAddress) ?? [] }
        #expect(found == expected)
    }
}
