import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import KeyMaterial

@Suite struct SigningKeyTests {
    private struct Token {
        var header: [String: String]
        var message: [UInt8]
        var payload: [UInt8]
        var signature: [UInt8]

        init(_ text: String) throws {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            try #require(parts.count == 3)
            header = try JSONDecoder().decode([String: String].self, from: Data(#require(Base64URL.decode(String(parts[0])))))
            payload = try #require(Base64URL.decode(String(parts[1])))
            signature = try #require(Base64URL.decode(String(parts[2])))
            message = Array("\(parts[0]).\(parts[1])".utf8)
        }
    }

    private let payload = Array("{\"sub\":\"ä\"}".utf8)

    @Test func signsES256() throws {
        let key = P256.Signing.PrivateKey()
        let signing = try #require(SigningKey.parse(key.pemRepresentation).first)
        let token = try Token(signing.sign(payload: payload))
        #expect(token.header == ["alg": "ES256", "typ": "JWT", "kid": signing.keyID])
        #expect(token.payload == payload)
        #expect(try key.publicKey.isValidSignature(P256.Signing.ECDSASignature(rawRepresentation: token.signature), for: token.message))
        let point = try #require(signing.jwk.x.flatMap { Base64URL.decode($0) }) + #require(signing.jwk.y.flatMap { Base64URL.decode($0) })
        #expect(Array(key.publicKey.rawRepresentation) == point)
        #expect(signing.jwk.kty == "EC" && signing.jwk.crv == "P-256" && signing.jwk.use == "sig" && signing.jwk.n == nil)
    }

    @Test func signsES384() throws {
        let key = P384.Signing.PrivateKey()
        let signing = try #require(SigningKey.parse(key.pemRepresentation).first)
        let token = try Token(signing.sign(payload: payload))
        #expect(token.header["alg"] == "ES384")
        #expect(token.signature.count == 96)
        #expect(try key.publicKey.isValidSignature(P384.Signing.ECDSASignature(rawRepresentation: token.signature), for: token.message))
        #expect(signing.jwk.crv == "P-384")
    }

    @Test func signsRS256() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let signing = try #require(SigningKey.parse(key.pemRepresentation).first)
        let token = try Token(signing.sign(payload: payload))
        #expect(token.header["alg"] == "RS256")
        let signature = _RSA.Signing.RSASignature(rawRepresentation: token.signature)
        #expect(key.publicKey.isValidSignature(signature, for: token.message, padding: .insecurePKCS1v1_5))
        #expect(signing.jwk.kty == "RSA" && signing.jwk.e == "AQAB" && signing.jwk.crv == nil)
        #expect(signing.jwk.n.flatMap { Base64URL.decode($0) }?.count == 256)
    }

    @Test func hasTheThumbprintOfRFC7638AsKeyID() throws {
        let modulus = try #require(
            Base64URL.decode(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
            ))
        #expect(
            JSONWebKey(rsaModulus: [0] + modulus, exponent: [0, 1, 0, 1]).kid == "3736cbb1787cb8309c77ee8c3705c5e16ffb9e859715901f1e4c59b11182f57b")
    }

    @Test func derivesTheSameKeyFromTheSameBytes() throws {
        let bytes = Array(UInt8(0)..<32)
        #expect(try SigningKey.derivedP256(from: bytes).jwk == SigningKey.derivedP256(from: bytes).jwk)
        #expect(try SigningKey.derivedP256(from: bytes).keyID != SigningKey.derivedP256(from: bytes.reversed()).keyID)
        #expect(try SigningKey.randomP256().keyID != SigningKey.randomP256().keyID)
    }

    @Test func readsPEMInEveryFormThatToolsWrite() throws {
        let key = P256.Signing.PrivateKey()
        let pem = key.pemRepresentation
        let expected = try SigningKey.parse(pem)[0].keyID
        let forms = [
            pem + "\n", "\n\n" + pem + "\n\n", pem.replacing("\n", with: "\r\n") + "\r\n", "# a comment\n" + pem + "\n# another\n",
            Data(pem.utf8).base64EncodedString(),
            Data((pem + "\n").utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]) + "\n",
            pem.replacing("\n", with: "\n  "),
            "-----BEGIN PRIVATE KEY-----\n\(pem.split(separator: "\n").dropFirst().dropLast().joined())\n-----END PRIVATE KEY-----",
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + pem + "\n",
        ]
        for (number, form) in forms.enumerated() {
            #expect((try? SigningKey.parse(form))?.map(\.keyID) == [expected], "form \(number)")
        }
    }

    @Test func publishesAllKeysAndSignsWithTheFirst() throws {
        let (one, two) = (P256.Signing.PrivateKey(), P384.Signing.PrivateKey())
        let keys = try SigningKey.parse(one.pemRepresentation + "\n" + two.pemRepresentation + "\n" + two.publicKey.pemRepresentation)
        #expect(keys.map(\.algorithm) == ["ES256", "ES384"])
    }

    @Test(arguments: ["", "nonsense", "bm9uc2Vuc2U=", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"])
    func refusesOtherTexts(text: String) {
        #expect(throws: KeyMaterialError.self) { try SigningKey.parse(text) }
    }

    @Test func refusesKeysThatCannotSign() throws {
        #expect(throws: KeyMaterialError.self) { try SigningKey.parse(P521.Signing.PrivateKey().pemRepresentation) }
        #expect(throws: KeyMaterialError.self) { try SigningKey.parse(P256.Signing.PrivateKey().publicKey.pemRepresentation) }
    }

    @Test func publishesNothingSecret() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let set = JSONWebKeySet(keys: try SigningKey.parse(key.pemRepresentation).map(\.jwk))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(set.encoded())) as? [String: [[String: String]]])
        #expect(try #require(object["keys"]?.first).keys.sorted() == ["alg", "e", "kid", "kty", "n", "use"])
        #expect(try set.encoded() == set.encoded())
    }
}
