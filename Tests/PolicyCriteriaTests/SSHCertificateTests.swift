import Diagnostics
import Foundation
import PolicyLanguage
import Testing

@testable import PolicyCriteria

/// Certificates are those of the golden files, which OpenSSH has made.
@Suite struct SSHCertificateTests {
    private func certificate(_ file: String) throws -> (authority: SSHPublicKey, blob: [UInt8]) {
        let text = try String(contentsOf: GoldenPolicyTests.folder.appending(path: file), encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.contains("-cert-v01@") })
        let key = try #require(line.split(separator: "\"").dropFirst().first.flatMap { SSHPublicKey(authorizedKeysLine: String($0)) })
        let authority = try #require(text.split(separator: "\n").first { $0.contains("        - ") })
        return (try #require(SSHPublicKey(authorizedKeysLine: String(authority.drop { $0 == " " || $0 == "-" }))), key.blob)
    }

    @Test(arguments: ["ed25519", "p256", "p384", "p521", "rsa"])
    func noBitOfACertificateCanChange(kind: String) throws {
        let (key, blob) = try certificate("ssh-ca-\(kind).txt")
        let authority = try #require(SSHAuthority(key))
        let certificate = try #require(SSHCertificate(blob: blob))
        #expect(certificate.authority == authority.blob)
        #expect(authority.isValid(signature: certificate.signature, over: certificate.signedBytes))
        for index in blob.indices where index % (kind == "ed25519" ? 1 : 7) == 0 {
            var changed = blob
            changed[index] ^= 1 << UInt8(index % 8)
            guard let certificate = SSHCertificate(blob: changed), certificate.authority == authority.blob else { continue }
            #expect(!authority.isValid(signature: certificate.signature, over: certificate.signedBytes), "byte \(index)")
        }
    }

    @Test func survivesCutAndRandomBytes() throws {
        let (_, blob) = try certificate("ssh-ca-ed25519.txt")
        for length in blob.indices { #expect(SSHCertificate(blob: Array(blob[..<length])) == nil) }
        var random = SplitMix64(seed: 40)
        for _ in 0..<5_000 {
            var changed = blob
            for _ in 0..<4 { changed[Int.random(in: 40..<blob.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            _ = SSHCertificate(blob: changed)?.meetsOptions(from: IPAddress("10.0.0.1"))
        }
    }

    @Test func anotherKeysSignatureIsRefused() throws {
        let (_, blob) = try certificate("ssh-ca-p256.txt")
        let (other, _) = try certificate("ssh-ca-ed25519.txt")
        let certificate = try #require(SSHCertificate(blob: blob))
        let authority = try #require(SSHAuthority(other))
        #expect(!authority.isValid(signature: certificate.signature, over: certificate.signedBytes))
        #expect(!authority.isValid(signature: [], over: []))
    }
}
