import Foundation
import KeyMaterial
import Records

/// Decides whether an ID token proves what it says (OpenID Connect Core section 3.1.3.7).
struct IDTokenVerifier: Sendable {
    /// Clocks may differ by this many seconds.
    static let leeway: Int64 = 60

    let clientID: String
    let keys: VerificationKeyCache
    let clock: WallClock

    /// The verified claims.
    ///
    /// `issuer` may hold `{tenantid}`, which stands for the token's own `tid` (Microsoft's endpoints for several tenants). A nil `nonce` is for
    /// refreshed tokens, which carry none or an old one (section 12.2).
    func verify(_ token: String, issuer: String, jwksURI: String, nonce: String?) async throws -> [String: JSONValue] {
        let jws = try CompactJWS(token)
        try await checkSignature(jws, jwksURI: jwksURI)
        guard let claims = JSONValue.object(from: jws.payload) else { throw untrustworthy("its payload is not a JSON object") }

        let expected = try Self.issuer(issuer, for: claims)
        guard let named = claims["iss"]?.text, named == expected else {
            throw untrustworthy("its issuer is \(claims["iss"]?.text?.prefix(200) ?? "missing"), not \(expected)")
        }
        try checkAudience(claims)
        try checkTimes(claims)
        guard let subject = claims["sub"]?.text, !subject.isEmpty, subject.utf8.count <= 1024 else { throw untrustworthy("it names no subject") }
        if let nonce {
            guard let given = claims["nonce"]?.text, RandomToken.constantTimeEquals(Array(given.utf8), Array(nonce.utf8)) else {
                throw IdentityProviderError.nonceMismatch
            }
        }
        return claims
    }

    private func checkSignature(_ jws: CompactJWS, jwksURI: String) async throws {
        let (known, generation) = try await keys.current(at: jwksURI)
        if jws.isSigned(byOneOf: known) { return }
        if let newer = try await keys.newer(than: generation, at: jwksURI), jws.isSigned(byOneOf: newer) { return }
        throw untrustworthy("no key of the provider verifies its signature")
    }

    private static func issuer(_ issuer: String, for claims: [String: JSONValue]) throws -> String {
        let placeholder = "{tenantid}"
        guard let place = issuer.range(of: placeholder) else { return issuer }
        guard let tenant = claims["tid"]?.text, tenant.utf8.count == 36,
            tenant.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Character(Unicode.Scalar($0)).isHexDigit })
        else { throw IdentityProviderError.untrustworthyToken("it names no tenant") }
        return issuer.replacingCharacters(in: place, with: tenant)
    }

    private func checkAudience(_ claims: [String: JSONValue]) throws {
        let audiences = claims["aud"]?.texts ?? []
        guard audiences.contains(clientID) else { throw untrustworthy("it is meant for another client") }
        let party = claims["azp"]?.text
        guard party == clientID || (party == nil && audiences.count == 1) else { throw untrustworthy("it was issued to another client") }
    }

    private func checkTimes(_ claims: [String: JSONValue]) throws {
        let now = clock.seconds
        guard let expiry = claims["exp"]?.wholeNumber, let issued = claims["iat"]?.wholeNumber else {
            throw untrustworthy("it does not say when it was issued and when it ends")
        }
        guard now - Self.leeway < expiry else {
            throw untrustworthy("it has expired")
        }
        guard issued <= now + Self.leeway else { throw untrustworthy("it comes from the future; compare the clocks of both hosts") }
        if let start = claims["nbf"]?.wholeNumber, start > now + Self.leeway { throw untrustworthy("it does not count yet") }
    }

    private func untrustworthy(_ why: String) -> IdentityProviderError { .untrustworthyToken(why) }
}
