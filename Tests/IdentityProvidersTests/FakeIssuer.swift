import Crypto
import Foundation
import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records
import Synchronization

@testable import IdentityProviders

/// An OpenID provider at `https://issuer.test` behind a transport; every answer can be bent.
final class FakeIssuer: HTTPTransport {
    struct State {
        var keys: [SigningKey] = []
        var requests: [TransportRequest] = []
        var discovery: [String: JSONValue] = [:]
        var claims: [String: JSONValue] = [:]
        var idToken: String?
        var token: [String: JSONValue] = [:]
        var tokenStatus = 200
        var userinfo: [String: JSONValue] = [:]
        var fault: TransportError?
        var statusOf: [String: Int] = [:]
    }

    static let url = "https://issuer.test"
    private let state = Mutex(State())
    let clock = ManualClock()

    init() throws {
        let key = try SigningKey.randomP256()
        state.withLock { state in
            state.keys = [key]
            state.discovery = [
                "issuer": .string(Self.url), "authorization_endpoint": .string("\(Self.url)/authorize"),
                "token_endpoint": .string("\(Self.url)/token"), "jwks_uri": .string("\(Self.url)/jwks"),
                "userinfo_endpoint": .string("\(Self.url)/userinfo"), "revocation_endpoint": .string("\(Self.url)/revoke"),
                "end_session_endpoint": .string("\(Self.url)/logout?x=1"),
            ]
            state.claims = [
                "iss": .string(Self.url), "aud": .string("client"), "sub": .string("s1"), "iat": .integer(clock.seconds),
                "exp": .integer(clock.seconds + 300), "nonce": .string("n1"), "email": .string("ann@example.com"),
                "email_verified": .bool(true),
            ]
            state.token = ["access_token": .string("at1"), "refresh_token": .string("rt1"), "expires_in": .integer(600)]
            state.userinfo = ["sub": .string("s1"), "name": .string("Ann"), "groups": .array([.string("a"), .string("b")])]
        }
    }

    func with<Value>(_ body: (inout State) throws -> Value) rethrows -> Value {
        try state.withLock { try body(&$0) }
    }

    func paths() -> [String] {
        with { $0.requests.map { String($0.url.dropFirst(Self.url.count)) } }
    }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let now = state.withLock { state in
            state.requests.append(request)
            return state
        }
        if let fault = now.fault { throw fault }
        let path = String(request.url.dropFirst(Self.url.count))
        if let status = now.statusOf[path] { return TransportResponse(status: status) }
        switch path {
        case "/.well-known/openid-configuration": return try answer(now.discovery)
        case "/jwks": return TransportResponse(status: 200, body: try JSONWebKeySet(keys: now.keys.map(\.jwk)).encoded())
        case "/token":
            var members = now.token
            if now.tokenStatus == 200, members["id_token"] == nil {
                let signed = try now.keys.first.map { try $0.sign(payload: JSONValue.object(now.claims).encoded()) }
                members["id_token"] = .string(now.idToken ?? signed ?? "")
            }
            return try answer(members, status: now.tokenStatus)
        case "/userinfo": return try answer(now.userinfo)
        case "/revoke": return TransportResponse(status: 200)
        default: return TransportResponse(status: 404)
        }
    }

    private func answer(_ members: [String: JSONValue], status: Int = 200) throws -> TransportResponse {
        TransportResponse(status: status, headers: [.contentType: "application/json"], body: try JSONValue.object(members).encoded())
    }

    func provider(_ change: (inout IdentityProviderSettings) -> Void = { _ in }) throws -> OIDCProvider {
        var settings = IdentityProviderSettings(provider: "oidc", url: Self.url, clientID: "client", clientSecret: "s:e/c")
        change(&settings)
        return try OIDCProvider(settings: settings, transport: self, clock: clock.wall)
    }

    static let redemption = CodeRedemption(nonce: "n1", codeVerifier: "v1", redirectURI: "https://auth.test/oauth2/callback")

    /// A compact JWS with any header over any payload; the signature is what `sign` makes of the bytes.
    static func token(header: [String: JSONValue], claims: [String: JSONValue], sign: ([UInt8]) throws -> [UInt8]) throws -> String {
        let message =
            Base64URL.encode(try JSONValue.object(header).encoded()) + "." + Base64URL.encode(try JSONValue.object(claims).encoded())
        return message + "." + Base64URL.encode(try sign(Array(message.utf8)))
    }
}
