import Diagnostics
import Foundation
import Routing
import Testing

@Suite struct UpstreamTLSTests {
    static let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    static let inline = Data(pem.utf8).base64EncodedString()

    @Test func readsEveryOption() throws {
        let (route, diagnostics) = try SampleRoute.decode(
            """
            to: https://a
            tls_skip_verify: true
            tls_upstream_server_name: internal.example.com
            tls_custom_ca: \(Self.inline)
            tls_client_cert: \(Self.inline)
            tls_client_key: \(Self.inline)
            """)
        var expected = UpstreamTLSSettings()
        expected.skipVerify = true
        expected.serverName = "internal.example.com"
        expected.customCA = Self.pem
        expected.clientCertificate = Self.pem
        expected.clientKey = Self.pem
        #expect(route.upstreamTLS == expected)
        #expect(diagnostics.isEmpty)
    }

    @Test func prefersTheFileOfAnAuthorityAndTheInlineCertificate() throws {
        let other = Self.pem + "# other\n"
        let (route, diagnostics) = try SampleRoute.decode(
            """
            to: https://a
            tls_custom_ca: \(Self.inline)
            tls_custom_ca_file: other.pem
            tls_client_cert: \(Self.inline)
            tls_client_key: \(Self.inline)
            tls_client_cert_file: other.pem
            tls_client_key_file: other.pem
            """, files: ["other.pem": other])
        #expect(route.upstreamTLS.customCA == other)
        #expect(route.upstreamTLS.clientCertificate == Self.pem)
        #expect(route.upstreamTLS.clientKey == Self.pem)
        #expect(diagnostics.isEmpty)
    }

    @Test func refusesAWildcardAsName() throws {
        let (route, diagnostics) = try SampleRoute.decode("to: https://a\ntls_upstream_server_name: \"*.example.com\"")
        #expect(route.upstreamTLS.serverName == nil)
        #expect(diagnostics.map(\.code) == ["invalid-host"])
    }

    @Test(arguments: ["10.0.0.1", "fe80::1", "a.example"])
    func takesNamesAndAddresses(name: String) throws {
        #expect(try SampleRoute.decode("to: https://a\ntls_upstream_server_name: \"\(name)\"").route.upstreamTLS.serverName == name)
    }
}
