import Crypto
import Foundation
import SwiftASN1
import X509

/// What identifies a client by its certificate: two digests and the names it carries. Says nothing about whether anybody vouches for it.
public struct CertificateIdentity: Sendable, Equatable {
    /// SHA-256 of the DER encoding, 32 bytes.
    public let fingerprint: [UInt8]
    /// SHA-256 of the SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), 32 bytes.
    public let spkiHash: [UInt8]
    /// Names of the SubjectAlternativeName extension (RFC 5280 section 4.2.1.6), as they are written.
    public let emails: [String]
    public let dnsNames: [String]
    public let uris: [String]

    /// Reads the first certificate of a PEM text; nil if there is none that can be read.
    public init?(pem: String) {
        let first = PEMBlock.parse(pem).lazy.compactMap(\.self).first { $0.label == PEMBlock.certificate }
        guard let der = first?.der else { return nil }
        self.init(der: der)
    }

    /// Reads a certificate's DER encoding; nil if it cannot be read. Names that cannot be read are left out.
    public init?(der: [UInt8]) {
        guard let spki = Self.subjectPublicKeyInfo(der) else { return nil }
        fingerprint = Array(SHA256.hash(data: der))
        spkiHash = Array(SHA256.hash(data: spki))
        var emails: [String] = []
        var dnsNames: [String] = []
        var uris: [String] = []
        for name in (try? X509.Certificate(derEncoded: der).extensions.subjectAlternativeNames) ?? SubjectAlternativeNames() {
            switch name {
            case .rfc822Name(let text): emails.append(text)
            case .dnsName(let text): dnsNames.append(text)
            case .uniformResourceIdentifier(let text): uris.append(text)
            default: continue
            }
        }
        self.emails = emails
        self.dnsNames = dnsNames
        self.uris = uris
    }

    /// The bytes as they stand in the certificate: written anew they might differ, and the hash is of what was signed.
    private static func subjectPublicKeyInfo(_ der: [UInt8]) -> ArraySlice<UInt8>? {
        guard let root = try? DER.parse(der), let certificate = children(root), let body = certificate.first.flatMap(children) else { return nil }
        // version (tagged, may be absent), serial number, signature, issuer, validity, subject, subjectPublicKeyInfo
        let fields = body.drop { $0.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific) }
        guard certificate.count == 3, fields.count >= 6, let spki = fields.dropFirst(5).first, spki.identifier == .sequence else { return nil }
        return spki.encodedBytes
    }

    private static func children(_ node: ASN1Node) -> [ASN1Node]? {
        guard case .constructed(let nodes) = node.content else { return nil }
        return Array(nodes)
    }
}
