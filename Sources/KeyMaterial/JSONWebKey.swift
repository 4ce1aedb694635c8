import Crypto
import Foundation

/// The public half of a signing key (RFC 7517).
public struct JSONWebKey: Sendable, Codable, Equatable {
    public var kty: String
    public var use: String
    public var kid: String
    public var alg: String
    public var crv: String?
    public var x: String?
    public var y: String?
    public var n: String?
    public var e: String?

    /// `rawPoint` is x followed by y, each as wide as the curve.
    init(ellipticCurve curve: String, algorithm: String, rawPoint: [UInt8]) {
        let half = rawPoint.count / 2
        let x = Base64URL.encode(rawPoint[..<half])
        let y = Base64URL.encode(rawPoint[half...])
        self.init(kty: "EC", use: "sig", kid: Self.thumbprint("{\"crv\":\"\(curve)\",\"kty\":\"EC\",\"x\":\"\(x)\",\"y\":\"\(y)\"}"), alg: algorithm)
        crv = curve
        self.x = x
        self.y = y
    }

    init(rsaModulus: [UInt8], exponent: [UInt8]) {
        let n = Base64URL.encode(rsaModulus.drop { $0 == 0 })
        let e = Base64URL.encode(exponent.drop { $0 == 0 })
        self.init(kty: "RSA", use: "sig", kid: Self.thumbprint("{\"e\":\"\(e)\",\"kty\":\"RSA\",\"n\":\"\(n)\"}"), alg: "RS256")
        self.n = n
        self.e = e
    }

    private init(kty: String, use: String, kid: String, alg: String) {
        self.kty = kty
        self.use = use
        self.kid = kid
        self.alg = alg
    }

    /// RFC 7638: SHA-256 over the required members in lexical order, here as lower-case hex.
    static func thumbprint(_ canonical: String) -> String {
        SHA256.hash(data: Array(canonical.utf8)).map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
    }
}

/// A JWK set as served at `jwks.json`.
public struct JSONWebKeySet: Sendable, Codable, Equatable {
    public var keys: [JSONWebKey]

    public init(keys: [JSONWebKey]) {
        self.keys = keys
    }

    /// Member names in sorted order, so that equal sets are equal bytes.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
