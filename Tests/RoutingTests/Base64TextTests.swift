import Foundation
import Testing

@testable import Routing

@Suite struct Base64TextTests {
    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func readsWhatFoundationWrites(text: String) {
        let encoded = Data(text.utf8).base64EncodedString()
        #expect(Base64Text.decode(encoded) == Array(text.utf8))
        #expect(Base64Text.decode(encoded.filter { $0 != "=" }) == Array(text.utf8))
        #expect(Base64Text.decode(encoded + "\n") == Array(text.utf8))
    }

    @Test(arguments: ["A", "====", "Zg=", "Zm9v=", "Zm-_", "Zh==", "Zg==Zg==", "Z!=="])
    func refusesTheRest(text: String) {
        #expect(Base64Text.decode(text) == nil)
    }
}
