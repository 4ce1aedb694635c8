import Crypto
import Foundation
import SwiftASN1
import X509

/// The certificates that are made here: P-256 keys, ECDSA with SHA-256.
enum CertificateTemplate {
    /// Clocks of clients may be behind by this much, in seconds.
    static let backdating: Int64 = 3600

    /// Names that a local authority may vouch for: whoever gets hold of its key cannot pose as any other site.
    static let localConstraints = NameConstraints(
        permittedDNSDomains: ["localhost"],
        permittedIPRanges: [
            ASN1OctetString(contentBytes: [127, 0, 0, 0, 255, 0, 0, 0]),
            ASN1OctetString(contentBytes: ArraySlice(Array(repeating: 0, count: 15) + [1] + Array(repeating: 255, count: 16))),
        ])

    static func authority(commonName: String, key: P256.Signing.PrivateKey, now: Int64, lifetime: Int64) throws -> X509.Certificate {
        let signer = X509.Certificate.PrivateKey(key)
        let name = try DistinguishedName { CommonName(commonName) }
        return try make(
            subject: name, publicKey: signer.publicKey, issuer: name, signer: signer, now: now, end: now + lifetime,
            extensions: X509.Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                Critical(localConstraints)
                SubjectKeyIdentifier(hash: signer.publicKey)
            })
    }

    /// `issuer` nil makes it sign itself.
    static func server(
        names: [SubjectName], commonName: String, key: P256.Signing.PrivateKey, issuer: (X509.Certificate, P256.Signing.PrivateKey)?, now: Int64,
        end: Int64
    ) throws -> X509.Certificate {
        let own = X509.Certificate.PrivateKey(key)
        let signer = issuer.map { X509.Certificate.PrivateKey($0.1) } ?? own
        let subject = try DistinguishedName { CommonName(commonName) }
        let issuerKeyID = try issuer?.0.extensions.subjectKeyIdentifier?.keyIdentifier ?? SubjectKeyIdentifier(hash: signer.publicKey).keyIdentifier
        return try make(
            subject: subject, publicKey: own.publicKey, issuer: issuer?.0.subject ?? subject, signer: signer, now: now, end: end,
            extensions: X509.Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map(\.generalName))
                SubjectKeyIdentifier(hash: own.publicKey)
                AuthorityKeyIdentifier(keyIdentifier: issuerKeyID)
            })
    }

    private static func make(
        subject: DistinguishedName, publicKey: X509.Certificate.PublicKey, issuer: DistinguishedName, signer: X509.Certificate.PrivateKey,
        now: Int64, end: Int64, extensions: X509.Certificate.Extensions
    ) throws -> X509.Certificate {
        try X509.Certificate(
            version: .v3, serialNumber: X509.Certificate.SerialNumber(), publicKey: publicKey,
            notValidBefore: Date(timeIntervalSince1970: TimeInterval(now - backdating)),
            notValidAfter: Date(timeIntervalSince1970: TimeInterval(end)), issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: signer)
    }
}

extension X509.Certificate {
    func pem() throws -> String {
        var serializer = DER.Serializer()
        try serializer.serialize(self)
        return PEMBlock.encode(label: PEMBlock.certificate, der: serializer.serializedBytes)
    }
}
