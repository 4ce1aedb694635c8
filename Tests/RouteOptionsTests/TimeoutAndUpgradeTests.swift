import Diagnostics
import Routing
import Testing

@Suite struct TimeoutAndUpgradeTests {
    @Test func readsEveryOption() throws {
        let (route, diagnostics) = try SampleRoute.decode(
            "to: http://a\ntimeout: 1m\nidle_timeout: 0\nallow_websockets: true\nallow_spdy: true\nallow_upgrades: [\"\", WebSocket, spdy/3.1]")
        #expect(route.timeout == 60_000_000_000)
        #expect(route.idleTimeout == 0)
        #expect(route.allowWebsockets)
        #expect(route.allowSPDY)
        #expect(route.allowUpgrades == ["websocket", "spdy/3.1"])
        #expect(diagnostics.isEmpty)
    }

    @Test(arguments: ["a b", "a\\r\\nb", "a//b", "/"])
    func refusesWhatIsNoProtocol(name: String) throws {
        #expect(try SampleRoute.decode("to: http://a\nallow_upgrades: [\"\(name)\"]").diagnostics.map(\.code) == ["invalid-upgrade"])
    }
}
