import Crypto
import Diagnostics
import Foundation
import X509

extension LocalCA {
    static let leafName = "local.pem"

    /// The server certificate in `certificates/local.pem` (chain and key in one file, 0600), made anew when it is missing, not usable, not
    /// for exactly these names, or when a third of its lifetime or less is left.
    ///
    /// `names` may contain what the authority does not ``permits(_:)``; that is left out. Nil when nothing remains. `now` is unix seconds.
    /// Chromium and OpenSSL do not take `*.localhost` for any name (its parent has one label), so list every host by its exact name as well.
    public func serverCertificate(directory: String, names: [String], now: Int64) throws -> KeyedCertificate? {
        let subjects = subjects(of: names)
        guard !subjects.isEmpty else { return nil }
        let folder = "\(directory)/certificates"
        let path = "\(folder)/\(Self.leafName)"
        do {
            return try PrivateFile.locking(folder) {
                if let present = load(path, now: now), Set(present.names) == Set(subjects), !isDue(present, now: now) { return present }
                guard let (leaf, key) = try issue(names: names, now: now) else { return nil }
                try PrivateFile.write(try leaf.pem() + key.pemRepresentation + "\n", to: path)
                return try KeyedCertificate(leaf: leaf, keyDER: Array(key.derRepresentation))
            }
        } catch let failure as PrivateFile.Failure {
            throw DiagnosticError(
                Diagnostic(
                    code: "local-certificate-unwritable", "\(path) cannot be written: \(failure)",
                    help: "give the directory to the user that runs the server"))
        }
    }

    /// Whether to make a new certificate: a third of the lifetime or less is left, or it is not valid yet.
    public func isDue(_ certificate: KeyedCertificate, now: Int64) -> Bool {
        now < certificate.notBefore || (certificate.notAfter - now) * 3 <= certificate.notAfter - certificate.notBefore
    }

    /// Nil for anything that this authority did not issue.
    private func load(_ path: String, now: Int64) -> KeyedCertificate? {
        let source = PEMSource(.file(path), setting: Self.leafName)
        var report = DiagnosticReport()
        guard let loaded = try? KeyedCertificate(certificate: source, key: source, now: now, report: &report),
            certificate.publicKey.isValidSignature(loaded.leaf.signature, for: loaded.leaf)
        else { return nil }
        return loaded
    }
}
