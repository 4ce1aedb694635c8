import Crypto
import Diagnostics
import Foundation
import SwiftASN1
import X509

/// A certificate authority of this installation alone, for trying things out on one's own machine.
///
/// It may only vouch for `localhost`, names below it and loopback addresses (name constraints, RFC 5280 section 4.2.1.10), so trusting
/// it endangers no other site.
public struct LocalCA: Sendable {
    static let certificateName = "local-ca.pem"
    static let keyName = "local-ca-key.pem"
    /// Ten years, in seconds.
    static let lifetime: Int64 = 3652 * 86_400
    /// Ninety days, in seconds, of the certificates it issues.
    static let leafLifetime: Int64 = 90 * 86_400

    /// For import into a browser's or system's trust store.
    public let certificatePEM: String
    public let commonName: String
    /// SHA-256 of the certificate, lower-case hex, as trust stores show it.
    public let fingerprint: String
    let certificate: X509.Certificate
    let key: P256.Signing.PrivateKey

    /// Loads `local-ca.pem` and `local-ca-key.pem` (0600), or makes both where neither is there or the authority has expired.
    ///
    /// `now` is unix seconds. Throws `DiagnosticError` when the files cannot be used, rather than replacing something trusted.
    public static func loadOrCreate(directory: String, now: Int64) throws -> LocalCA {
        let (certificatePath, keyPath) = ("\(directory)/\(certificateName)", "\(directory)/\(keyName)")
        do {
            return try PrivateFile.locking(directory) {
                switch (try text(certificatePath), try text(keyPath)) {
                case (nil, nil): return try create(certificatePath: certificatePath, keyPath: keyPath, now: now)
                case (let certificate?, let key?):
                    guard let loaded = try? LocalCA(certificatePEM: certificate, keyPEM: key) else {
                        throw problem("\(certificatePath) and \(keyPath) are no certificate and key that belong together")
                    }
                    if Int64(loaded.certificate.notValidAfter.timeIntervalSince1970) <= now {
                        return try create(certificatePath: certificatePath, keyPath: keyPath, now: now)
                    }
                    return loaded
                case (nil, _): throw problem("\(certificatePath) is missing beside \(keyPath)")
                case (_, nil): throw problem("\(keyPath) is missing beside \(certificatePath)")
                }
            }
        } catch let failure as PrivateFile.Failure {
            throw DiagnosticError(
                Diagnostic(
                    code: "local-ca-unusable", "the local certificate authority in \(directory) cannot be read or written: \(failure)",
                    help: "give the directory to the user that runs the server"))
        }
    }

    /// Whether a certificate of this authority for that host name or IP literal would be accepted.
    public func permits(_ name: String) -> Bool {
        guard Self.mayBeLocal(name) else { return false }
        let subject = SubjectName(name)
        guard subject.isValid else { return false }
        switch subject {
        case .dns(let text): return text == "localhost" || text.hasSuffix(".localhost")
        case .address(let bytes): return bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }

    /// False for most names that are not, at little cost: there may be thousands.
    private static func mayBeLocal(_ name: String) -> Bool {
        guard let last = name.utf8.last, last | 0x20 >= UInt8(ascii: "a"), last | 0x20 <= UInt8(ascii: "z") else { return true }
        return name.utf8.contains(UInt8(ascii: ":")) || name.utf8.suffix(9).map { $0 | 0x20 } == Array("localhost".utf8)
    }

    /// A new server certificate for the names that it ``permits(_:)``; the others are left out, nil when none remains. Nothing is stored.
    func issue(names: [String], now: Int64) throws -> (certificate: X509.Certificate, key: P256.Signing.PrivateKey)? {
        let subjects = subjects(of: names)
        guard let first = subjects.first else { return nil }
        let end = min(now + Self.leafLifetime, Int64(certificate.notValidAfter.timeIntervalSince1970))
        let key = P256.Signing.PrivateKey()
        let commonName = if case .dns(let text) = first { text } else { "localhost" }
        let leaf = try CertificateTemplate.server(
            names: subjects, commonName: commonName, key: key, issuer: (certificate, self.key), now: now, end: end)
        return (leaf, key)
    }

    /// Sorted, each once.
    func subjects(of names: [String]) -> [SubjectName] {
        Set(names.filter(permits).map(SubjectName.init)).sorted()
    }

    private static func create(certificatePath: String, keyPath: String, now: Int64) throws -> LocalCA {
        let key = P256.Signing.PrivateKey()
        let suffix = SHA256.hash(data: key.publicKey.rawRepresentation).prefix(4).map(hex).joined()
        let certificate = try CertificateTemplate.authority(commonName: "Postern Local CA \(suffix)", key: key, now: now, lifetime: lifetime)
        // The certificate goes last: with it the pair is complete.
        try PrivateFile.write(key.pemRepresentation + "\n", to: keyPath)
        try PrivateFile.write(try certificate.pem(), to: certificatePath)
        return try LocalCA(certificate: certificate, key: key)
    }

    private init(certificatePEM: String, keyPEM: String) throws {
        let key = try P256.Signing.PrivateKey(pemRepresentation: keyPEM)
        guard let block = PEMBlock.parse(certificatePEM).first ?? nil else { throw PrivateFile.Failure("no certificate") }
        let certificate = try X509.Certificate(derEncoded: block.der)
        guard certificate.publicKey == X509.Certificate.PrivateKey(key).publicKey else { throw PrivateFile.Failure("another key") }
        try self.init(certificate: certificate, key: key)
    }

    private init(certificate: X509.Certificate, key: P256.Signing.PrivateKey) throws {
        let pem = try certificate.pem()
        self.certificate = certificate
        self.key = key
        certificatePEM = pem
        fingerprint = SHA256.hash(data: (PEMBlock.parse(pem).first ?? nil)?.der ?? []).map(Self.hex).joined()
        commonName = certificate.subject.lazy.flatMap { $0 }.first { $0.type == .RDNAttributeType.commonName }.flatMap { String($0.value) } ?? ""
    }

    private static func text(_ path: String) throws -> String? {
        do {
            return String(decoding: try PrivateFile.read(path, limit: 1 << 20), as: UTF8.self)
        } catch let failure as PrivateFile.Failure where failure.description == PrivateFile.Failure.missing {
            return nil
        }
    }

    private static func problem(_ message: String) -> DiagnosticError {
        DiagnosticError(
            Diagnostic(
                code: "local-ca-unusable", message,
                help: "restore the missing part, or remove both files to get a new authority, which browsers must then be told to trust"))
    }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.count == 1 ? "0" + text : text
    }
}
