import Foundation
import ProxyConfig
import Testing

@testable import ServerRuntime

@Suite struct ListeningSocketTests {
    @Test(arguments: ["127.0.0.1", "localhost", ""]) func servesTheAddressItWasOpenedFor(_ host: String) throws {
        // Port 0 gives a free one, which is then asked for by its number.
        let probe = try ListeningSocket.open(ListenAddress(host: host, port: 0))
        let address = ListenAddress(host: host, port: probe.place.port)
        #expect(probe.serves(address))
        #expect(!probe.serves(ListenAddress(host: host, port: probe.place.port ^ 1)))
        #expect(throws: ListeningSocket.Failure.self) { try ListeningSocket.open(address) }
    }

    @Test func tellsAnAddressThatThisMachineDoesNotHave() {
        #expect(throws: ListeningSocket.Failure.self) { try ListeningSocket.open(ListenAddress(host: "192.0.2.1", port: 1)) }
    }
}
