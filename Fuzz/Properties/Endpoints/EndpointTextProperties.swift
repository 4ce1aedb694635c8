import HTTPEndpoints
import KeyMaterial
import LocalReplies
import Sessions

/// What must hold for every text that the product's own endpoints and local replies read; the first byte chooses which. Nil when it does,
/// the broken rule otherwise.
public func endpointTextViolation(_ bytes: [UInt8]) -> String? {
    guard let kind = bytes.first, bytes.count <= 16 * 1024 else { return nil }
    let rest = Array(bytes.dropFirst())
    let text = String(decoding: rest, as: UTF8.self)
    return switch kind {
    case UInt8(ascii: "f"): formViolation(text)
    case UInt8(ascii: "c"): cookieViolation(text)
    case UInt8(ascii: "b"): base64Violation(rest)
    case UInt8(ascii: "k"): sealViolation(rest)
    case UInt8(ascii: "a"): acceptViolation(text)
    case UInt8(ascii: "u"): authorityViolation(text)
    default: nil
    }
}

/// What was read can be written, and is then read the same way.
private func formViolation(_ text: String) -> String? {
    let parameters = FormParameters(text)
    if parameters.pairs.count > 256 { return "more pairs than are kept" }
    let again = FormParameters(parameters.encoded)
    // An empty name with an empty value is written as "=", which is a pair again.
    return again == parameters ? nil : "parameters do not survive"
}

private func cookieViolation(_ text: String) -> String? {
    let pairs = CookieHeader.parse(text)
    if pairs.count > 512 { return "more cookies than are read" }
    let bad = pairs.contains { $0.name.contains(";") || $0.value.contains(";") || $0.name.contains("=") }
    return bad ? "a separator in a cookie" : nil
}

/// Only canonical text is read, so there is one spelling for a token.
private func base64Violation(_ bytes: [UInt8]) -> String? {
    if Base64URL.decode(Base64URL.encodeBytes(bytes)) != bytes { return "bytes do not survive" }
    guard let decoded = Base64URL.decode(bytes) else { return nil }
    return Base64URL.encodeBytes(decoded) == bytes ? nil : "two spellings of one token"
}

/// Nothing from outside opens.
private func sealViolation(_ bytes: [UInt8]) -> String? {
    guard let secret = RootSecret(Array(repeating: 1, count: 32)) else { return "no secret" }
    let keys = KeyRing(writing: secret)
    for purpose in [KeyPurpose.sessionHandle, .providerState, .callbackTicket] where keys.open(bytes, for: purpose) != nil {
        return "a forged token opens"
    }
    return nil
}

private func acceptViolation(_ text: String) -> String? {
    let offered = ["text/html", "application/json", "text/plain"]
    guard let best = AcceptHeader(text).best(of: offered) else { return nil }
    return offered.contains(best) ? nil : "a type that nobody offered"
}

/// What counts as an authority is one for browsers, too: nothing in it ends it early or moves it elsewhere.
private func authorityViolation(_ text: String) -> String? {
    guard let authority = SignInLocation.authority(of: "https://" + text) else { return nil }
    if authority.contains(where: { "@/\\?#%".contains($0) || $0.isWhitespace }) { return "an authority with a separator" }
    return text.hasPrefix(authority) ? nil : "an authority that is not in the text"
}
