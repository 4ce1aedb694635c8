import HTTPWire

/// What must hold for every Cookie field; line feeds separate several. Nil when it does, the broken rule otherwise.
///
/// The stripped cookies are gone, and the next hop reads the others as they were, in order.
public func cookieViolation(_ bytes: [UInt8]) -> String? {
    var text = Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8)
    for line in bytes.split(separator: 0x0A) { text += Array("Cookie: ".utf8) + line + [0x0D, 0x0A] }
    text += [0x0D, 0x0A]
    guard let head = try? RequestHead.parse(text) else { return nil }

    let before = cookies(of: head)
    for (name, _) in before {
        let expected = before.filter { $0.name == name }.map(\.value)
        let view = ByteView(name)
        let asText = view.string
        guard Array(asText.utf8) == name else { continue }
        let found = CookieFields(head).values(named: asText).map(\.array)
        if found != expected { return "the values of a name differ" }
        if CookieFields(head).first(named: asText)?.array != expected.first { return "the first value of a name differs" }
    }

    for names in [[], ["a"], ["_pomerium", ""]] {
        var builder = HeadBuilder()
        builder.copyFields(from: head, except: FieldFilter(dropping: ["cookie"]))
        builder.cookies(from: head, except: CookieNames(names: names, prefixes: []))
        let rest = Array("GET / HTTP/1.1\r\n".utf8) + builder.bytes + [0x0D, 0x0A]
        guard let forwarded = try? RequestHead.parse(rest) else { return "a forwarded Cookie field is refused" }
        let expected = before.filter { pair in !names.contains { Array($0.utf8) == pair.name } }
        let after = cookies(of: forwarded)
        guard after.count == expected.count, zip(after, expected).allSatisfy({ $0 == $1 }) else { return "other cookies were touched" }
        if forwarded.section.count(.cookie) > (expected.isEmpty ? 0 : 1) { return "too many Cookie fields" }
    }
    return nil
}

private func cookies(of head: RequestHead) -> [(name: [UInt8], value: [UInt8])] {
    CookieFields(head).map { (head.view($0.name).array, head.view($0.value).array) }
}
