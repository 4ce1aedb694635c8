import HTTPWire
import Testing

@Suite struct ByteViewTests {
    let storage = Array("GET /path HTTP/1.1".utf8)

    @Test func comparesBytesAlone() {
        let view = ByteView(storage, range: 4..<9)
        #expect(view == ("/path" as StaticString))
        #expect(view == ("/path" as String))
        #expect(view == ByteView("/path"))
        #expect(view == "/path")
        #expect(view != "/other")
        #expect(view.hasPrefix("/"))
        #expect(view.hashValue == ByteView("/path").hashValue)
        #expect(view != ("/pat" as StaticString))
        #expect(view.hasPrefix("/pa" as StaticString))
        #expect(view.hasPrefix("/pa" as String))
        #expect(view.hasPrefix(ByteView("/pa")))
        #expect(!view.hasPrefix("/path HTTP" as StaticString))
        #expect(view.equalsIgnoringCase("/PATH"))
        #expect(view.equalsIgnoringCase(ByteView("/Path")))
        #expect(!view.equalsIgnoringCase("/pat"))
        #expect(view.slice(1..<3).string == "pa")
        #expect(view[0] == 0x2F)
        #expect(view.array == Array("/path".utf8))
    }

    @Test(arguments: [0..<0, 18..<40, 30..<40]) func cutsOffWhatLiesOutside(_ range: Range<Int>) {
        #expect(ByteView(storage, range: range).isEmpty)
        #expect(ByteView("ab").slice(1..<9).string == "b")
    }

    @Test(arguments: UInt8.min...UInt8.max) func acceptsExactlyTokenBytesInNames(_ byte: UInt8) {
        let tokens = Array("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        let text = Array("GET / HTTP/1.1\r\nHost: a\r\nx".utf8) + [byte] + Array("y: v\r\n\r\n".utf8)
        let head = try? RequestHead.parse(text)
        // A colon ends the name.
        #expect((head != nil) == (tokens.contains(byte) || byte == UInt8(ascii: ":")))
        guard let head, let field = head.fields.last, tokens.contains(byte) else { return }
        #expect(head.hasUnderscoreName == (byte == UInt8(ascii: "_")))
        let letter = Character(UnicodeScalar(byte))
        let folded = letter.isLetter || letter.isNumber ? "X\(letter)Y" : "x+y"
        #expect(FieldFilter(dropping: [folded]).drops(field, of: head.section, hasNominatedFields: false))
        #expect(!FieldFilter(dropping: ["xy"]).drops(field, of: head.section, hasNominatedFields: false))
    }

    @Test(arguments: UInt8.min...UInt8.max) func acceptsExactlyFieldValueBytes(_ byte: UInt8) {
        let isAllowed = byte == 9 || (byte >= 0x20 && byte != 0x7F)
        for position in 0..<17 {
            var value = Array("abcdefghijklmnopq".utf8)
            value[position] = byte
            let text = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + value + [13, 10, 13, 10]
            #expect(((try? RequestHead.parse(text)) != nil) == isAllowed)
        }
    }

    @Test(arguments: KnownField.allCases) func recognisesEveryKnownName(_ known: KnownField) throws {
        guard known != .other, known != .host, known != .transferEncoding, known != .contentLength else { return }
        let name = "\(known.name)" + (known == .xPomerium ? "any" : "")
        for spelling in [name, name.uppercased()] {
            let head = try RequestHead.parse(Array("GET / HTTP/1.1\r\nHost: a\r\n\(spelling): x\r\n\r\n".utf8))
            #expect(head.fields.last?.known == known)
        }
    }
}
