import ProxyConfig
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        (":8443", "", UInt16(8443), ":8443"), ("127.0.0.1:80", "127.0.0.1", 80, "127.0.0.1:80"), ("[::1]:443", "::1", 443, "[::1]:443"),
        ("localhost", "localhost", 443, "localhost:443"), ("[::]", "::", 443, "[::]:443"),
    ])
    func readsAddresses(text: String, host: String, port: UInt16, description: String) throws {
        let address = try ListenAddress(text, defaultPort: 443)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == description)
    }

    @Test(arguments: ["", "::1", "::1:80", "[::1", "a b:80", "a:", "a:x", "a:-1", "a:0", "a:65536", "http://a:80"])
    func refusesTheRest(text: String) {
        #expect(throws: (any Error).self) { try ListenAddress(text, defaultPort: 443) }
    }

    @Test func needsAPortWhereThereIsNoDefault() {
        #expect(throws: (any Error).self) { try ListenAddress("localhost") }
    }
}
