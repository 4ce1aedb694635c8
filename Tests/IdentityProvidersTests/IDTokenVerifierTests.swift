import Crypto
import CryptoExtras
import Foundation
import KeyMaterial
import Records
import Testing

@testable import IdentityProviders

@Suite struct IDTokenVerifierTests {
    private func verify(_ issuer: FakeIssuer, _ token: String, expected: String = FakeIssuer.url, nonce: String? = "n1") async throws -> [String:
        JSONValue]
    {
        let verifier = IDTokenVerifier(
            clientID: "client", keys: VerificationKeyCache(transport: issuer, clock: issuer.clock.wall), clock: issuer.clock.wall)
        return try await verifier.verify(token, issuer: expected, jwksURI: "\(FakeIssuer.url)/jwks", nonce: nonce)
    }

    private func signed(_ issuer: FakeIssuer, _ change: (inout [String: JSONValue]) -> Void = { _ in }) throws -> String {
        try issuer.with { state in
            var claims = state.claims
            change(&claims)
            return try #require(state.keys.first).sign(payload: JSONValue.object(claims).encoded())
        }
    }

    @Test func acceptsAGoodToken() async throws {
        let issuer = try FakeIssuer()
        #expect(try await verify(issuer, signed(issuer))["email"] == .string("ann@example.com"))
    }

    @Test(arguments: [
        ("iss", JSONValue.string("https://other.test")), ("iss", .string("https://issuer.test/")), ("iss", .null),
        ("aud", .string("other")), ("aud", .array([])), ("aud", .array([.string("client"), .string("other")])), ("aud", .null),
        ("azp", .string("other")), ("exp", .integer(1_799_999_940)), ("exp", .null), ("exp", .string("never")),
        ("iat", .integer(1_800_000_061)), ("iat", .null), ("nbf", .integer(1_800_000_061)), ("sub", .string("")), ("sub", .integer(7)),
        ("nonce", .string("n2")), ("nonce", .null),
    ])
    func refusesAClaimThatDoesNotFit(_ name: String, _ value: JSONValue) async throws {
        let issuer = try FakeIssuer()
        let token = try signed(issuer) { $0[name] = value }
        await #expect(throws: IdentityProviderError.self) { try await verify(issuer, token) }
    }

    @Test func allowsAMinuteBetweenClocks() async throws {
        let issuer = try FakeIssuer()
        let token = try signed(issuer) {
            $0["exp"] = .integer(issuer.clock.seconds - 59)
            $0["iat"] = .integer(issuer.clock.seconds + 60)
        }
        _ = try await verify(issuer, token)
    }

    @Test func acceptsSeveralAudiencesForTheAuthorizedParty() async throws {
        let issuer = try FakeIssuer()
        let token = try signed(issuer) {
            $0["aud"] = .array([.string("other"), .string("client")])
            $0["azp"] = .string("client")
        }
        _ = try await verify(issuer, token)
    }

    @Test(arguments: ["none", "None", "HS256", "HS512", "", "RS256", "ES384", "EdDSA"])
    func refusesAnAlgorithmThatTheKeyIsNotFor(_ algorithm: String) async throws {
        let issuer = try FakeIssuer()
        let (claims, keyID, point) = try issuer.with { ($0.claims, try #require($0.keys.first).keyID, try #require($0.keys.first).jwk.x) }
        let header: [String: JSONValue] = ["alg": .string(algorithm), "kid": .string(keyID)]
        // Signed with the public key as a shared secret, as a confused verifier would accept it.
        let secret = SymmetricKey(data: Base64URL.decode(try #require(point)) ?? [])
        let token = try FakeIssuer.token(header: header, claims: claims) { Array(HMAC<SHA256>.authenticationCode(for: $0, using: secret)) }
        let unsigned = try FakeIssuer.token(header: header, claims: claims) { _ in [] }
        await #expect(throws: IdentityProviderError.self) { try await verify(issuer, token) }
        await #expect(throws: IdentityProviderError.self) { try await verify(issuer, unsigned) }
    }

    @Test func refusesExtensionsThatItDoesNotKnow() async throws {
        let issuer = try FakeIssuer()
        let key = P256.Signing.PrivateKey()
        let token = try FakeIssuer.token(
            header: ["alg": .string("ES256"), "crit": .array([.string("b64")])], claims: issuer.with { $0.claims }
        ) { Array(try key.signature(for: $0).rawRepresentation) }
        await #expect(throws: IdentityProviderError.untrustworthyToken("it demands extensions that are not known here")) {
            try await verify(issuer, token)
        }
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "e30.e30.", "e30.e30.AA.AA", String(repeating: "A", count: 200_000)])
    func refusesWhatIsNoToken(_ token: String) async throws {
        let issuer = try FakeIssuer()
        await #expect(throws: IdentityProviderError.self) { try await verify(issuer, token) }
    }

    @Test func refusesAChangedByte() async throws {
        let issuer = try FakeIssuer()
        let parts = try signed(issuer).split(separator: ".").map(String.init)
        var claims = try #require(JSONValue.object(from: Base64URL.decode(parts[1]) ?? []))
        claims["email"] = .string("root@example.com")
        let forged = "\(parts[0]).\(Base64URL.encode(try JSONValue.object(claims).encoded())).\(parts[2])"
        await #expect(throws: IdentityProviderError.untrustworthyToken("no key of the provider verifies its signature")) {
            try await verify(issuer, forged)
        }
    }

    @Test func noticesANewKeyAndAsksForItSparingly() async throws {
        let issuer = try FakeIssuer()
        let verifier = IDTokenVerifier(
            clientID: "client", keys: VerificationKeyCache(transport: issuer, clock: issuer.clock.wall), clock: issuer.clock.wall)
        let uri = "\(FakeIssuer.url)/jwks"
        _ = try await verifier.verify(signed(issuer), issuer: FakeIssuer.url, jwksURI: uri, nonce: "n1")
        let new = try SigningKey.randomP256()
        issuer.with { $0.keys = [new] }
        let token = try signed(issuer)
        // Too soon after the last fetch.
        await #expect(throws: IdentityProviderError.self) {
            try await verifier.verify(token, issuer: FakeIssuer.url, jwksURI: uri, nonce: "n1")
        }
        issuer.clock.advance(10)
        _ = try await verifier.verify(token, issuer: FakeIssuer.url, jwksURI: uri, nonce: "n1")
        #expect(issuer.paths() == ["/jwks", "/jwks"])
    }

    @Test func checksATokenOfManyTenantsAgainstItsOwn() async throws {
        let issuer = try FakeIssuer()
        let template = "https://login.test/{tenantid}/v2.0"
        let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"
        let good = try signed(issuer) {
            $0["iss"] = .string("https://login.test/\(tenant)/v2.0")
            $0["tid"] = .string(tenant)
        }
        _ = try await verify(issuer, good, expected: template)
        let bad = try signed(issuer) {
            $0["iss"] = .string("https://login.test/evil/v2.0")
            $0["tid"] = .string("evil")
        }
        await #expect(throws: IdentityProviderError.self) { try await verify(issuer, bad, expected: template) }
    }
}

@Suite struct VerificationKeyTests {
    private let message = Array("message".utf8)

    @Test(arguments: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]) func verifiesRSA(_ algorithm: String) throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let parts = try key.publicKey.getKeyPrimitives()
        let members: [String: JSONValue] = [
            "kty": .string("RSA"), "n": .string(Base64URL.encode([0] + Array(parts.modulus))), "e": .string(Base64URL.encode(parts.publicExponent)),
        ]
        let verifying = try #require(VerificationKey(members))
        let padding: _RSA.Signing.Padding = algorithm.hasPrefix("RS") ? .insecurePKCS1v1_5 : .PSS
        let signature =
            switch algorithm.suffix(3) {
            case "256": try key.signature(for: SHA256.hash(data: message), padding: padding)
            case "384": try key.signature(for: SHA384.hash(data: message), padding: padding)
            default: try key.signature(for: SHA512.hash(data: message), padding: padding)
            }
        #expect(verifying.verifies(Array(signature.rawRepresentation), of: message, algorithm: algorithm))
        #expect(!verifying.verifies(Array(signature.rawRepresentation), of: message + [0], algorithm: algorithm))
        #expect(!verifying.verifies(Array(signature.rawRepresentation), of: message, algorithm: "ES256"))
        #expect(VerificationKey(members.merging(["use": .string("enc")]) { $1 }) == nil)
        let bound = try #require(VerificationKey(members.merging(["alg": .string("RS999")]) { $1 }))
        #expect(!bound.verifies(Array(signature.rawRepresentation), of: message, algorithm: algorithm))
    }

    @Test func verifiesEllipticCurves() throws {
        func members(_ curve: String, _ raw: Data) -> [String: JSONValue] {
            let half = raw.count / 2
            return [
                "kty": .string("EC"), "crv": .string(curve), "x": .string(Base64URL.encode(raw.prefix(half))),
                "y": .string(Base64URL.encode(raw.suffix(half))),
            ]
        }
        let small = P256.Signing.PrivateKey()
        let middle = P384.Signing.PrivateKey()
        let large = P521.Signing.PrivateKey()
        let edwards = Curve25519.Signing.PrivateKey()
        let cases: [([String: JSONValue], String, Data)] = try [
            (members("P-256", small.publicKey.rawRepresentation), "ES256", small.signature(for: message).rawRepresentation),
            (members("P-384", middle.publicKey.rawRepresentation), "ES384", middle.signature(for: message).rawRepresentation),
            (members("P-521", large.publicKey.rawRepresentation), "ES512", large.signature(for: message).rawRepresentation),
            (
                ["kty": .string("OKP"), "crv": .string("Ed25519"), "x": .string(Base64URL.encode(edwards.publicKey.rawRepresentation))], "EdDSA",
                edwards.signature(for: message)
            ),
        ]
        for (members, algorithm, signature) in cases {
            let key = try #require(VerificationKey(members))
            #expect(key.verifies(Array(signature), of: message, algorithm: algorithm))
            #expect(!key.verifies(Array(signature.dropLast()), of: message, algorithm: algorithm))
            #expect(!key.verifies(Array(signature), of: message, algorithm: "RS256"))
        }
    }

    @Test(
        arguments: [
            [:], ["kty": "oct", "k": "AAAA"], ["kty": "RSA", "n": "AQAB", "e": "AQAB"], ["kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"],
            ["kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"], ["kty": "OKP", "crv": "X25519", "x": "AA"], ["kty": "RSA", "n": "!", "e": "!"],
        ] as [[String: String]])
    func leavesOutWhatIsNoKeyForSignatures(_ members: [String: String]) {
        #expect(VerificationKey(members.mapValues { .string($0) }) == nil)
    }
}
