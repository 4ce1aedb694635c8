public import Diagnostics
import Foundation
public import NIOSSL
import SwiftASN1
import X509

/// A certificate chain with its private key, checked to belong together.
///
/// Keys are RSA of at least 2048 bits or EC P-256, P-384, P-521.
public struct KeyedCertificate: Sendable {
    /// The leaf first.
    public let chain: [NIOSSLCertificate]
    public let privateKey: NIOSSLPrivateKey
    /// Unix seconds.
    public let notBefore: Int64
    /// Unix seconds.
    public let notAfter: Int64
    let names: [SubjectName]
    let leaf: X509.Certificate

    /// What the certificate is for, as text.
    public var hostNames: [String] {
        names.compactMap { name in
            if case .dns(let text) = name { text } else { nil }
        }
    }

    /// Finds the chain in the certificate's text and the key in the key's text (one text may hold both).
    ///
    /// Expiry only warns, in `report`: a server with an expired certificate is of more use than none. `now` is unix seconds.
    /// Throws `DiagnosticError` where there is nothing to serve with.
    public init(
        certificate: PEMSource, key: PEMSource, files: FileReader = .disk, now: Int64, report: inout DiagnosticReport
    ) throws {
        let chainBlocks = try certificate.blocks(files).filter { $0.label == PEMBlock.certificate }
        guard let leafBlock = chainBlocks.first else {
            throw certificate.problem("certificate-missing", "holds no certificate", help: "look whether certificate and key are swapped")
        }
        do {
            leaf = try X509.Certificate(derEncoded: leafBlock.der)
            chain = try chainBlocks.map { try NIOSSLCertificate(bytes: $0.der, format: .der) }
        } catch {
            throw certificate.problem("certificate-invalid", "holds a certificate that cannot be read", help: "RSA keys must have at least 2048 bits")
        }
        privateKey = try Self.key(key, of: leaf, certificate: certificate, files: files)
        names = leaf.subjectNames
        notBefore = Int64(leaf.notValidBefore.timeIntervalSince1970)
        notAfter = Int64(leaf.notValidAfter.timeIntervalSince1970)

        if notAfter < now {
            let end = leaf.notValidAfter.formatted(.iso8601)
            report.add(
                certificate.diagnostic(.warning, "certificate-expired", "expired on \(end)", help: "browsers refuse it; renew the certificate"))
        } else if notBefore > now {
            let start = leaf.notValidBefore.formatted(.iso8601)
            report.add(certificate.diagnostic(.warning, "certificate-not-yet-valid", "is valid from \(start) on only", help: "check the clock"))
        }
    }

    /// For certificates made here.
    init(leaf: X509.Certificate, keyDER: [UInt8]) throws {
        var serializer = DER.Serializer()
        try serializer.serialize(leaf)
        self.leaf = leaf
        chain = [try NIOSSLCertificate(bytes: serializer.serializedBytes, format: .der)]
        privateKey = try NIOSSLPrivateKey(bytes: keyDER, format: .der)
        names = leaf.subjectNames
        notBefore = Int64(leaf.notValidBefore.timeIntervalSince1970)
        notAfter = Int64(leaf.notValidAfter.timeIntervalSince1970)
    }

    private static func key(
        _ source: PEMSource, of leaf: X509.Certificate, certificate: PEMSource, files: FileReader
    ) throws -> NIOSSLPrivateKey {
        guard let block = try source.blocks(files).first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            throw source.problem("certificate-key-missing", "holds no private key", help: "look whether certificate and key are swapped")
        }
        guard block.label != "ENCRYPTED PRIVATE KEY", !block.hasHeaders else {
            throw source.problem(
                "certificate-key-encrypted", "holds an encrypted key", help: "decrypt it, for example with openssl pkey -in FILE -out FILE")
        }
        guard let parsed = try? X509.Certificate.PrivateKey(pemDocument: PEMDocument(type: block.label, derBytes: block.der)),
            parsed.supportedSignatureAlgorithms.allSatisfy({ $0 != .ed25519 }),
            let key = try? NIOSSLPrivateKey(bytes: block.der, format: .der)
        else {
            throw source.problem(
                "certificate-key-unsupported", "holds a key that cannot serve TLS",
                help: "use an RSA key of at least 2048 bits or an EC key on P-256, P-384 or P-521")
        }
        guard parsed.publicKey == leaf.publicKey else {
            throw source.problem(
                "certificate-key-mismatch", "is not the key of the certificate in \(certificate.setting)",
                help: "the server's certificate must come first in the chain")
        }
        return key
    }
}
