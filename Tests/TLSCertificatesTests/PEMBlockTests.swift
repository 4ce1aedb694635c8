import Foundation
import Testing

@testable import TLSCertificates

@Suite struct PEMBlockTests {
    private static let der = Array(UInt8(0)..<200)
    private static let pem = PEMBlock.encode(label: "CERTIFICATE", der: der)
    private static let base64 = Data(der).base64EncodedString()

    @Test(arguments: [
        pem, String(pem.dropLast()), pem.replacing("\n", with: "\r\n"), "text before\n\(pem)text after\n", pem.replacing("\n", with: "  \n"),
        "  " + pem.replacing("\n", with: "\n  "), "-----BEGIN CERTIFICATE-----\n\(base64)\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n\n\(base64.prefix(76))\n\(base64.dropFirst(76))\n\n-----END CERTIFICATE-----\n\n", "\u{FEFF}\n" + pem,
    ])
    func readsWhatToolsWrite(text: String) {
        #expect(PEMBlock.parse(text) == [PEMBlock(label: "CERTIFICATE", der: Self.der)])
    }

    @Test func readsSeveralInOrder() {
        let text = PEMBlock.encode(label: "EC PARAMETERS", der: [1]) + PEMBlock.encode(label: "EC PRIVATE KEY", der: [2])
        #expect(PEMBlock.parse(text) == [PEMBlock(label: "EC PARAMETERS", der: [1]), PEMBlock(label: "EC PRIVATE KEY", der: [2])])
    }

    @Test func noticesHeaders() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
        #expect(PEMBlock.parse(text).first??.hasHeaders == true)
    }

    @Test(arguments: ["", "nothing", "-----BEGIN", "-----BEGIN X", base64])
    func findsNothingInOtherTexts(text: String) {
        #expect(PEMBlock.parse(text).isEmpty)
    }

    @Test(arguments: [
        "-----BEGIN X-----", "-----BEGIN X-----\nAAAA\n", "-----BEGIN X-----\nAAAA\n-----END Y-----\n", "-----BEGIN X-----\nA!AA\n-----END X-----\n",
        "-----BEGIN X-----\n-----END X-----\n", "-----BEGIN X-----\nAAAA\n-----BEGIN X-----\nAAAA\n-----END X-----\n",
    ])
    func tellsDamage(text: String) {
        #expect(PEMBlock.parse(text) == [nil])
    }
}

@Suite struct SubjectNameTests {
    @Test(arguments: [
        ("Example.COM", SubjectName.dns("example.com")), ("example.com.", .dns("example.com")), ("*.example.com", .dns("*.example.com")),
        ("127.0.0.1", .address([127, 0, 0, 1])), ("::1", .address(Array(repeating: 0, count: 15) + [1])),
        ("[::1]", .address(Array(repeating: 0, count: 15) + [1])), ("1.2.3", .dns("1.2.3")),
    ])
    func tellsAddressesFromNames(text: String, name: SubjectName) {
        #expect(SubjectName(text) == name)
    }

    @Test(arguments: [
        ("a.example", true), ("a_b.example", true), ("*.a.example", true), ("127.0.0.1", true), ("localhost", true), ("*", false), ("", false),
        ("a..b", false), (".a", false), ("a.*.b", false), ("a b", false), ("ä.example", false), ("a/b", false),
        (String(repeating: "a", count: 64), false),
        (String(repeating: "abc.", count: 64), false),
    ])
    func knowsWhatACertificateCanCarry(text: String, valid: Bool) {
        #expect(SubjectName(text).isValid == valid)
    }
}
