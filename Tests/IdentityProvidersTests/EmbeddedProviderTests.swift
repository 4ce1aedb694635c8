import Foundation
import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records
import Sessions
import Testing

@testable import IdentityProviders

/// The protocol of the embedded provider, endpoint by endpoint.
@Suite struct EmbeddedProviderTests {
    private struct Setup {
        let clock = ManualClock()
        let store: MemoryStore
        let keys: KeyRing
        let directory: LocalUserDirectory
        let provider: EmbeddedProvider
        let router: EndpointRouter
        let cookies = CookieSettings()
        let password = "correct horse battery"

        init() async throws {
            store = MemoryStore(clock: clock.wall)
            keys = KeyRing(writing: try #require(RootSecret(RootSecret.random())))
            directory = LocalUserDirectory(store: store, hasher: PasswordHasher(logRounds: 10), clock: clock.wall)
            provider = try EmbeddedProvider(
                authority: "auth.test", cookies: cookies, keys: keys, store: store, clock: clock.wall, directory: directory,
                throttle: SignInThrottle(clock: clock.wall))
            router = EndpointRouter(provider.endpoints, authenticateHost: "auth.test")
            try await directory.add(email: "ann@example.com", name: "Ann", groups: ["staff"], password: password)
        }

        static let verifier = "verifier-verifier-verifier-verifier-verifier"

        func query(_ change: (inout [String: String?]) -> Void = { _ in }) -> String {
            var parameters: [String: String?] = [
                "response_type": "code", "client_id": "postern", "redirect_uri": "https://auth.test/oauth2/callback",
                "scope": "openid email profile groups", "state": "st", "nonce": "n1", "code_challenge": RandomToken.digest(Self.verifier),
                "code_challenge_method": "S256",
            ]
            change(&parameters)
            var form = FormParameters()
            for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { if let value { form.append(name, value) } }
            return form.encoded
        }

        func get(_ path: String, query: String = "", headers: HTTPFields = [:]) async throws -> ControlResponse {
            try await router.respond(
                to: ControlRequest(host: "auth.test", path: "/.pomerium/idp\(path)", query: query, headers: headers, clientAddress: "192.0.2.1"))
        }

        func post(_ path: String, query: String = "", _ form: FormParameters, headers: HTTPFields = [:], from address: String = "192.0.2.1")
            async throws
            -> ControlResponse
        {
            var headers = headers
            headers[.contentType] = "application/x-www-form-urlencoded"
            return try await router.respond(
                to: ControlRequest(
                    method: .post, host: "auth.test", path: "/.pomerium/idp\(path)", query: query, headers: headers,
                    body: Array(form.encoded.utf8), clientAddress: address))
        }

        /// Submits the form with a fitting token.
        func signIn(_ password: String, email: String = "ann@example.com", query: String? = nil, from address: String = "192.0.2.1") async throws
            -> ControlResponse
        {
            let secret = RandomToken.text()
            let request = ControlRequest(host: "auth.test", path: "/", headers: [.cookie: "\(cookies.formName)=\(secret)"])
            let token = FormToken(keys: keys, cookies: cookies).issue(for: request, form: "idp-sign-in").value
            return try await post(
                "/authorize", query: query ?? self.query(), FormParameters(["form_token": token, "email": email, "password": password]),
                headers: [.cookie: "\(cookies.formName)=\(secret)"], from: address)
        }

        func code() async throws -> String {
            let location = try #require(try await signIn(password).headers[.location])
            return try #require(FormParameters(String(location.split(separator: "?")[1]))["code"])
        }

        var basic: HTTPFields {
            let secret = Base64URL.encode(keys.derivedBytes(.embeddedClientSecret))
            return [.authorization: "Basic \(Data("postern:\(secret)".utf8).base64EncodedString())"]
        }

        func redeem(_ code: String, _ change: (inout [String: String?]) -> Void = { _ in }, headers: HTTPFields? = nil) async throws
            -> ControlResponse
        {
            var parameters: [String: String?] = [
                "grant_type": "authorization_code", "code": code, "redirect_uri": "https://auth.test/oauth2/callback",
                "code_verifier": Self.verifier,
            ]
            change(&parameters)
            var form = FormParameters()
            for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { if let value { form.append(name, value) } }
            return try await post("/token", form, headers: headers ?? basic)
        }
    }

    private func members(_ response: ControlResponse) throws -> [String: JSONValue] { try #require(JSONValue.object(from: response.body)) }

    @Test func describesItself() async throws {
        let setup = try await Setup()
        let document = try members(try await setup.get("/.well-known/openid-configuration"))
        #expect(document["issuer"] == .string("https://auth.test/.pomerium/idp"))
        _ = try DiscoveryDocument(document, configuredURL: setup.provider.issuer, checksIssuer: true)
        let keys = try members(try await setup.get("/jwks"))
        #expect(keys["keys"] != nil)
    }

    @Test func passesTheOrdinaryClient() async throws {
        let setup = try await Setup()
        let client = try setup.provider.identityProvider()
        let attempt = AuthorizationAttempt(
            state: "st", nonce: "n1", codeChallenge: RandomToken.digest(Setup.verifier), redirectURI: "https://auth.test/oauth2/callback")
        let url = try await client.authorizationURL(for: attempt)
        let response = try await setup.signIn(setup.password, query: String(url.split(separator: "?")[1]))
        #expect(response.status == .seeOther)
        let answer = FormParameters(String(try #require(response.headers[.location]).split(separator: "?")[1]))
        #expect(answer["state"] == "st")
        #expect(answer["iss"] == setup.provider.issuer)
        let redemption = CodeRedemption(nonce: "n1", codeVerifier: Setup.verifier, redirectURI: "https://auth.test/oauth2/callback")
        let person = try await client.redeem(code: try #require(answer["code"]), for: redemption)
        #expect(person.email == "ann@example.com")
        #expect(person.name == "Ann")
        #expect(person.claims["groups"] == [.string("staff")])
        #expect(person.claims["amr"] == [.string("pwd")])
        #expect(!person.tokens.endsWithAccessToken)
        await #expect(throws: IdentityProviderError.grantRefused(code: "invalid_grant", description: "the code was used already")) {
            try await client.redeem(code: answer["code"] ?? "", for: redemption)
        }
    }

    @Test(
        arguments: [
            ("client_id", "other"), ("client_id", nil), ("redirect_uri", "https://evil.test/oauth2/callback"),
            ("redirect_uri", "https://auth.test/oauth2/callback/x"), ("redirect_uri", nil),
        ] as [(String, String?)])
    func sendsNobodyToAForeignPlace(_ name: String, _ value: String?) async throws {
        let setup = try await Setup()
        let response = try await setup.get("/authorize", query: setup.query { $0[name] = .some(value) })
        #expect(response.status == .badRequest)
        #expect(response.headers[.location] == nil)
    }

    @Test(
        arguments: [
            ("response_type", "token", "unsupported_response_type"), ("response_mode", "fragment", "invalid_request"),
            ("scope", "email", "invalid_scope"), ("code_challenge", nil, "invalid_request"), ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge", "short", "invalid_request"), ("prompt", "none login", "invalid_request"), ("prompt", "none", "login_required"),
            ("max_age", "x", "invalid_request"), ("request", "jwt", "request_not_supported"), ("request_uri", "u", "request_uri_not_supported"),
        ] as [(String, String?, String)])
    func tellsTheClientWhatIsWrong(_ name: String, _ value: String?, _ error: String) async throws {
        let setup = try await Setup()
        let response = try await setup.get("/authorize", query: setup.query { $0[name] = .some(value) })
        let location = try #require(response.headers[.location])
        #expect(location.hasPrefix("https://auth.test/oauth2/callback?"))
        let query = FormParameters(String(location.split(separator: "?")[1]))
        #expect(query["error"] == error)
        #expect(query["state"] == "st")
        #expect(query["code"] == nil)
    }

    @Test func refusesAParameterGivenTwice() async throws {
        let setup = try await Setup()
        let response = try await setup.get("/authorize", query: setup.query() + "&scope=openid")
        #expect(try #require(response.headers[.location]).contains("error=invalid_request"))
    }

    @Test func sparesTheFormForWhoIsSignedIn() async throws {
        let setup = try await Setup()
        let signedIn = try await setup.signIn(setup.password)
        let cookie = try #require(signedIn.headers[values: .setCookie].first { $0.hasPrefix(setup.cookies.providerName) }).prefix { $0 != ";" }
        func status(_ change: (inout [String: String?]) -> Void) async throws -> Int {
            try await setup.get("/authorize", query: setup.query(change), headers: [.cookie: String(cookie)]).status.code
        }
        #expect(try await status { _ in } == 302)
        #expect(try await status { $0["prompt"] = "none" } == 302)
        #expect(try await status { $0["prompt"] = "login" } == 200)
        setup.clock.advance(100)
        #expect(try await status { $0["max_age"] = "100" } == 302)
        #expect(try await status { $0["max_age"] = "99" } == 200)
        setup.clock.advance(14 * 3600)
        #expect(try await status { _ in } == 200)
    }

    @Test(
        arguments: [
            ("grant_type", "refresh_token", 400, "unsupported_grant_type"), ("grant_type", nil, 400, "invalid_request"),
            ("code", nil, 400, "invalid_request"), ("code", "forged", 400, "invalid_grant"), ("code_verifier", "other", 400, "invalid_grant"),
            ("code_verifier", nil, 400, "invalid_request"), ("redirect_uri", "https://auth.test/other", 400, "invalid_grant"),
        ] as [(String, String?, Int, String)])
    func refusesATokenRequestThatDoesNotFit(_ name: String, _ value: String?, _ status: Int, _ error: String) async throws {
        let setup = try await Setup()
        let response = try await setup.redeem(setup.code()) { $0[name] = .some(value) }
        #expect(response.status.code == status)
        #expect(try members(response)["error"] == .string(error))
    }

    @Test func refusesAnOldCode() async throws {
        let setup = try await Setup()
        let code = try await setup.code()
        setup.clock.advance(600)
        #expect(try members(try await setup.redeem(code))["error"] == .string("invalid_grant"))
    }

    @Test func refusesACodeFromBeforeAChangeOfThePassword() async throws {
        let setup = try await Setup()
        let code = try await setup.code()
        try await setup.directory.setPassword(email: "ann@example.com", password: "something else")
        #expect(try members(try await setup.redeem(code))["error"] == .string("invalid_grant"))
    }

    @Test func knowsItsClient() async throws {
        let setup = try await Setup()
        let code = try await setup.code()
        for headers in [HTTPFields(), [.authorization: "Basic cG9zdGVybjp4"], [.authorization: "Basic !"], [.authorization: "Bearer x"]] {
            let response = try await setup.redeem(code, headers: headers)
            #expect(response.status == .unauthorized)
            #expect(try members(response)["error"] == .string("invalid_client"))
            #expect(response.headers[.wwwAuthenticate] != nil)
        }
        let posted = try await setup.redeem(
            code,
            {
                $0["client_id"] = "postern"
                $0["client_secret"] = Base64URL.encode(setup.keys.derivedBytes(.embeddedClientSecret))
            }, headers: [:])
        #expect(posted.status == .ok)
    }

    @Test func answersUserinfoToItsOwnTokensAlone() async throws {
        let setup = try await Setup()
        let grant = try members(try await setup.redeem(setup.code()))
        let token = try #require(grant["access_token"]?.text)
        let info = try members(try await setup.get("/userinfo", headers: [.authorization: "Bearer \(token)"]))
        #expect(info["email"] == .string("ann@example.com"))
        for value in ["", "Bearer", "Bearer x", "Bearer \(grant["id_token"]?.text ?? "")", "Basic \(token)"] {
            let response = try await setup.get("/userinfo", headers: [.authorization: value])
            #expect(response.status == .unauthorized)
            #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        }
        setup.clock.advance(3600)
        #expect(try await setup.get("/userinfo", headers: [.authorization: "Bearer \(token)"]).status == .unauthorized)
    }

    @Test func asksBeforeASignOutWithoutAHint() async throws {
        let setup = try await Setup()
        let grant = try members(try await setup.redeem(setup.code()))
        let target = "https://auth.test/.pomerium/signed_out"
        let hinted = FormParameters(["id_token_hint": grant["id_token"]?.text ?? "", "post_logout_redirect_uri": target, "state": "x"]).encoded
        let response = try await setup.get("/end_session", query: hinted)
        #expect(response.headers[.location] == "\(target)?state=x")
        #expect(response.headers[values: .setCookie].contains { $0.hasPrefix("\(setup.cookies.providerName)=;") })
        let forged = FormParameters(["id_token_hint": "e30.e30.AA", "post_logout_redirect_uri": target]).encoded
        let page = try await setup.get("/end_session", query: forged)
        #expect(page.status == .ok)
        #expect(String(decoding: page.body, as: UTF8.self).contains("Sign out?"))
        let foreign = FormParameters(["id_token_hint": grant["id_token"]?.text ?? "", "post_logout_redirect_uri": "https://evil.test/"]).encoded
        #expect(try await setup.get("/end_session", query: foreign).headers[.location] == nil)
    }

    @Test func saysTheSameForAnUnknownAddressAndAWrongPassword() async throws {
        let setup = try await Setup()
        let wrong = try await setup.signIn("wrong password")
        let unknown = try await setup.signIn("wrong password", email: "bob@example.com")
        let text = { (response: ControlResponse) in
            String(decoding: response.body, as: UTF8.self).replacing(/form_token" value="[^"]*"/, with: "").replacing(/bob|ann/, with: "")
        }
        #expect(wrong.status == .unauthorized)
        #expect(text(wrong) == text(unknown))
    }

    @Test func slowsGuessingDown() async throws {
        let setup = try await Setup()
        for attempt in 0..<5 {
            #expect(try await setup.signIn("guess \(attempt)", from: "192.0.2.\(attempt)").status == .unauthorized)
        }
        let refused = try await setup.signIn(setup.password)
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headers[.retryAfter] == "1")
        #expect(String(decoding: refused.body, as: UTF8.self).contains("1 second"))
        setup.clock.advance(1)
        #expect(try await setup.signIn("guess").status == .unauthorized)
        #expect(try await setup.signIn(setup.password).headers[.retryAfter] == "2")
        setup.clock.advance(2)
        #expect(try await setup.signIn(setup.password).status == .seeOther)
        #expect(try await setup.signIn("guess").status == .unauthorized)
    }
}
