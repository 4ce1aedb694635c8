import Foundation
import PolicyLanguage
import Testing

@testable import PolicyCriteria

@Suite struct EncodingTests {
    @Test func base64ReadsWhatFoundationWrites() {
        var random = SplitMix64(seed: 20)
        for length in 0..<80 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64.decode(Data(bytes).base64EncodedString()) == bytes)
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "A===", "AA=A", "AA==AAAA", "AB==", "AAB=", "AA-_", "AAAA ", "AAAA\n", "é==="])
    func base64RefusesWhatIsNotCanonical(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func fingerprintsHaveTwoSpellings() {
        let short = String(repeating: "0a", count: 32)
        let long = Array(repeating: "0A", count: 32).joined(separator: ":")
        #expect(CertificateHash(fingerprint: short) == CertificateHash(fingerprint: long))
        #expect(CertificateHash(fingerprint: short)?.bytes == Array(repeating: 10, count: 32))
        for wrong in [short.uppercased(), long.lowercased(), String(short.dropLast()), short + "0", long.replacing(":", with: "-"), ""] {
            #expect(CertificateHash(fingerprint: wrong) == nil)
        }
    }

    @Test func sshKeysAreFoundBehindOptions() {
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        let key = SSHPublicKey(authorizedKeysLine: line)
        #expect(key?.algorithm == "ssh-ed25519")
        #expect(key?.blob.count == 51)
        #expect(SSHPublicKey(authorizedKeysLine: "  no-pty,from=\"10.0.0.1, 10.0.0.2\"\t\(line) a comment\n") == key)
        for wrong in ["", "ssh-ed25519", "# \(line)", "ssh-rsa " + line.dropFirst(12), line.dropLast(4) + "AA=A", "AAAA AAAA"] {
            #expect(SSHPublicKey(authorizedKeysLine: String(wrong)) == nil)
        }
    }
}
