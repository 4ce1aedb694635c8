import HTTPWire
import Routing
import Testing

@testable import ProxyConfig

@Suite struct SettingsTests {
    private func settings(_ text: String, environment: [String: String] = [:], files: [String: String] = [:]) throws -> Settings {
        try SampleConfig.load(text, environment: environment, files: files).settings
    }

    @Test func limitsTheConnectionsOfClients() throws {
        let settings = try settings("max_client_connections: 100\nmax_client_connections_per_address: 0\n")
        #expect(settings.maxClientConnections == 100)
        #expect(settings.maxClientConnectionsPerAddress == 0)
        #expect(throws: (any Error).self) { try self.settings("max_client_connections: 0\n") }
    }

    @Test func hasTheReferencesDefaults() throws {
        let settings = try settings("")
        #expect(settings.address == ListenAddress(host: "", port: 443))
        #expect(settings.httpRedirectAddr == nil)
        #expect(settings.healthCheckAddr == ListenAddress(host: "127.0.0.1", port: 28080))
        #expect(settings.cookieName == "_pomerium")
        #expect(settings.cookieExpire == 50_400_000_000_000)
        #expect(settings.timeoutRead == 30_000_000_000)
        #expect(settings.timeoutWrite == 0)
        #expect(settings.timeoutIdle == 300_000_000_000)
        #expect(settings.defaultUpstreamTimeout == 30_000_000_000)
        #expect(settings.databrokerStorageType == .file)
        #expect(settings.idpProvider == "embedded")
        #expect(settings.programmaticRedirectDomainWhitelist == ["localhost"])
        #expect(settings.dnsLookupFamily == .v4Preferred)
        #expect(settings.logLevel == .info)
        #expect(settings.pathNormalizer == PathNormalizer())
        #expect(settings.headersWithUnderscoresAction == .rejectRequest)
        #expect(settings.maxClientConnections == 50_000)
        #expect(settings.maxClientConnectionsPerAddress == nil)
        #expect(settings.responseHeaders.map(\.name) == ["X-Frame-Options", "X-XSS-Protection"])
    }

    @Test(
        arguments: [
            ([:], "/var/lib/postern"), (["HOME": "/home/a"], "/home/a/.local/share/postern"), (["HOME": "/"], "/var/lib/postern"),
            (["HOME": "/home/a", "XDG_DATA_HOME": "/data"], "/data/postern"), (["DATA_DIR": "/srv"], "/srv"),
        ] as [([String: String], String)])
    func findsTheDataDirectory(environment: [String: String], path: String) throws {
        #expect(try settings("", environment: environment).dataDir == path)
    }

    @Test(arguments: ["true", "True", "1", "t", "\"true\""])
    func readsBooleansLeniently(text: String) throws {
        #expect(try settings("insecure_server: \(text)").insecureServer)
    }

    @Test func listensOnPort80WithoutTLS() throws {
        #expect(try settings("{insecure_server: true, address: 127.0.0.1}").address.port == 80)
        #expect(try settings("{insecure_server: true, address: \"127.0.0.1:81\"}").address.port == 81)
    }

    @Test(arguments: [
        ("{X-Email: email}", ["X-Email": "email"]), ("[email, groups]", ["x-pomerium-claim-email": "email", "x-pomerium-claim-groups": "groups"]),
        ("email,groups", ["x-pomerium-claim-email": "email", "x-pomerium-claim-groups": "groups"]), ("email", ["x-pomerium-claim-email": "email"]),
    ])
    func readsClaimHeadersInEveryForm(value: String, headers: [String: String]) throws {
        let expected = headers.map { ClaimHeader(header: $0.key, claim: $0.value) }
        #expect(Set(try settings("jwt_claims_headers: \(value)").jwtClaimsHeaders) == Set(expected))
        #expect(
            Set(try settings("", environment: ["JWT_CLAIMS_HEADERS": value.replacing("[", with: "").replacing("]", with: "")]).jwtClaimsHeaders)
                == Set(expected))
    }

    @Test func keepsTheCaseOfKeysInsideObjects() throws {
        let yaml = "{idp_provider: google, idp_client_id: a, idp_request_params: {Prompt: Login}}"
        #expect(try settings(yaml).idpRequestParams == ["Prompt": "Login"])
    }

    @Test(arguments: [("a,b", ["a", "b"]), (" a , b ,", ["a", "b"]), ("[\"a,b\", \"c\"]", ["a,b", "c"])])
    func splitsListsOfTheEnvironment(value: String, hosts: [String]) throws {
        #expect(try settings("", environment: ["PROGRAMMATIC_REDIRECT_DOMAIN_WHITELIST": value]).programmaticRedirectDomainWhitelist == hosts)
    }

    @Test func trimsSecretsOfFiles() throws {
        let settings = try settings(
            "{shared_secret_file: s, idp_provider: google, idp_client_id: a, idp_client_secret_file: c, idp_client_secret: inline}",
            files: ["s": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\r\n", "c": "hush\n"])
        #expect(settings.sharedSecret == Array("01234567890123456789012345678901".utf8))
        #expect(settings.idpClientSecret == "hush")
    }

    @Test func countsEmptySecretsAsUnset() throws {
        let settings = try settings("{shared_secret: \"\", cookie_secret: \"\", signing_key: \"\"}")
        #expect(settings.sharedSecret == nil)
        #expect(settings.cookieSecret == nil)
        #expect(settings.signingKeys.isEmpty)
    }

    @Test(arguments: [("warn", LogLevel.warning), ("FATAL", .critical), ("disabled", .off), ("trace", .trace)])
    func knowsEveryNameOfALevel(text: String, level: LogLevel) throws {
        #expect(try settings("log_level: \(text)").logLevel == level)
    }

    @Test func disablesResponseHeaders() throws {
        #expect(try settings("set_response_headers: {disable: true}").responseHeaders.isEmpty)
        #expect(try settings("set_response_headers: {}").responseHeaders.isEmpty)
        #expect(try settings("", environment: ["HEADERS": "{\"X-A\": \"b\"}"]).responseHeaders == [HeaderSetting(name: "X-A", value: "b")])
    }
}
