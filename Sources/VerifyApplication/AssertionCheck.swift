import Foundation
public import IdentityProviders
import JWTKit
public import Pages

/// What any application behind the proxy does with the assertion: signature by the published keys, then `iss`, `aud` and `exp`.
///
/// Written against a JWT library and the network alone, with nothing of the proxy's own signing code, so that it proves something.
public struct AssertionCheck: Sendable {
    /// Where the keys are published; configured, never taken from the request.
    public var jwksURL: String
    public var transport: any HTTPTransport

    public init(jwksURL: String, transport: any HTTPTransport) {
        self.jwksURL = jwksURL
        self.transport = transport
    }

    private struct Assertion: JWTPayload {
        var iss: String
        var aud: String
        var iat: Int64
        var exp: ExpirationClaim

        func verify(using algorithm: some JWTAlgorithm) async throws {
            guard iat <= Int64(Date().timeIntervalSince1970) + 60 else {
                throw JWTError.claimVerificationFailure(failedClaim: IssuedAtClaim(value: Date()), reason: "issued in the future")
            }
        }
    }

    /// The checks in the order in which they are made, and the claims for showing. `host` is the host that visitors use, without port.
    public func run(assertion: String?, host: String) async -> (checks: [VerifyPage.Check], claims: [NamedValue]) {
        guard let assertion, !assertion.isEmpty else {
            let hint = "the request has no X-Pomerium-Jwt-Assertion header: set pass_identity_headers on the route, and sign in"
            return ([VerifyPage.Check(name: "assertion", passed: false, text: hint)], [])
        }
        let claims = Self.claims(of: assertion)
        let payload: Assertion
        do {
            let response = try await transport.send(TransportRequest(url: jwksURL))
            guard response.isSuccess else { throw TransportError("\(jwksURL) answered \(response.status)") }
            let keys = JWTKeyCollection()
            try await keys.add(jwksJSON: String(decoding: response.body, as: UTF8.self))
            payload = try await keys.verify(assertion, as: Assertion.self)
        } catch {
            return ([VerifyPage.Check(name: "signature", passed: false, text: "\(error)")], claims)
        }
        let now = Date()
        let left = Int64(payload.exp.value.timeIntervalSince(now))
        return (
            [
                VerifyPage.Check(name: "signature", passed: true, text: "valid by the keys at \(jwksURL)"),
                VerifyPage.Check(
                    name: "iss", passed: payload.iss == host || payload.iss == "https://\(host)/", text: "is \(payload.iss), expected \(host)"),
                VerifyPage.Check(name: "aud", passed: payload.aud == host, text: "is \(payload.aud), expected \(host)"),
                VerifyPage.Check(name: "exp", passed: left > 0, text: left > 0 ? "ends in \(left) seconds" : "ended \(-left) seconds ago"),
            ], claims
        )
    }

    /// For showing only: not verified.
    private static func claims(of assertion: String) -> [NamedValue] {
        let parts = assertion.split(separator: ".")
        guard parts.count == 3, let data = base64URL(parts[1]),
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return [] }
        return object.keys.sorted().map { key in
            let value = object[key] ?? ""
            let text = (value as? [Any]).map { $0.map { "\($0)" }.joined(separator: ", ") } ?? "\(value)"
            return NamedValue(name: key, value: text)
        }
    }

    private static func base64URL(_ text: Substring) -> Data? {
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        return Data(base64Encoded: base64)
    }
}
