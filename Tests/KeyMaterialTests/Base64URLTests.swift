import Foundation
import KeyMaterial
import Testing

@Suite struct Base64URLTests {
    @Test(arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy")])
    func writesTheVectorsOfRFC4648WithoutPadding(plain: String, text: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == text)
        #expect(Base64URL.decode(text) == Array(plain.utf8))
    }

    @Test func usesTheAlphabetForURLs() {
        #expect(Base64URL.encode([0xFB, 0xFF, 0xFE]) == "-__-")
        #expect(Base64URL.decode("-__-") == [0xFB, 0xFF, 0xFE])
    }

    @Test(arguments: ["Z", "Zg==", "Zg=", "Zm 9v", "Zm9v\n", "+//+", "Zh", "Zm9", "Zm9vY", "é", "Zg\u{0}"])
    func refusesWhatItWouldNotWrite(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func agreesWithFoundationForAllLengths() throws {
        for count in 0..<130 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            let standard = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            #expect(Base64URL.encode(bytes) == standard)
            #expect(Base64URL.decode(standard) == bytes)
        }
    }
}
