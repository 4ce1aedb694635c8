import ProxyConfig
import Routing

/// What must hold for every text as a value with a syntax of its own; the first byte chooses which. Nil when it does, the broken rule otherwise.
public func configScalarViolation(_ bytes: [UInt8]) -> String? {
    guard let kind = bytes.first, bytes.count <= 2048 else { return nil }
    let rest = Array(bytes.dropFirst())
    let text = String(decoding: rest, as: UTF8.self)
    return switch kind {
    case UInt8(ascii: "t"): templateViolation(text)
    case UInt8(ascii: "d"): durationViolation(text)
    case UInt8(ascii: "u"): urlViolation(text)
    case UInt8(ascii: "a"): addressViolation(text)
    case UInt8(ascii: "h"): hostViolation(rest)
    case UInt8(ascii: "r"): regexViolation(rest)
    default: nil
    }
}

/// Escaping a literal and reading it gives the literal back, references stand between literals, and no text grows.
private func templateViolation(_ text: String) -> String? {
    let escaped = text.replacing("$", with: "$$")
    guard let literal = try? HeaderTemplate(escaped), literal.constant == text else { return "an escaped literal is not itself" }
    guard let template = try? HeaderTemplate(text) else { return nil }
    var length = 0
    var wasLiteral = false
    for piece in template.pieces {
        switch piece {
        case .literal(let part):
            if part.isEmpty || wasLiteral { return "literals are not joined" }
            wasLiteral = true
            length += part.utf8.count
        case .reference: wasLiteral = false
        }
    }
    if length > text.utf8.count { return "a template grows" }
    if template.references.isEmpty != (template.constant != nil) { return "constant and references disagree" }
    return nil
}

/// A duration survives being written and read again.
private func durationViolation(_ text: String) -> String? {
    guard let value = try? DurationText.parse(text) else { return nil }
    if value < 0 { return "a negative duration" }
    return (try? DurationText.parse(DurationText.format(value))) == value ? nil : "a duration does not survive"
}

/// A URL is read the same way again, and its origin is one.
private func urlViolation(_ text: String) -> String? {
    guard let url = try? AbsoluteURL(text) else { return nil }
    guard let again = try? AbsoluteURL(url.origin) else { return "an origin is no url" }
    if again.host != url.host || again.scheme != url.scheme || again.effectivePort != url.effectivePort { return "an origin differs" }
    if !url.path.isEmpty, !url.path.hasPrefix("/") { return "a path without a slash" }
    return nil
}

private func addressViolation(_ text: String) -> String? {
    guard let address = try? ListenAddress(text, defaultPort: 443) else { return nil }
    return (try? ListenAddress(address.description, defaultPort: 443)) == address ? nil : "an address does not survive"
}

/// Pattern and host, separated by a line feed: the glob answers as a search over all ways does.
private func hostViolation(_ bytes: [UInt8]) -> String? {
    let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, bytes.count <= 64, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    let pattern = HostPattern(host: String(decoding: parts[0], as: UTF8.self), port: nil)
    let host = Array(parts[1])
    let answer = host.withUnsafeBytes { pattern.matches(host: $0, port: nil) }
    return answer == matches(Array(pattern.text.utf8)[...], host[...]) ? nil : "a host pattern is wrong"
}

private func matches(_ pattern: ArraySlice<UInt8>, _ host: ArraySlice<UInt8>) -> Bool {
    var reachable: Set<Int> = [host.startIndex]
    for byte in pattern {
        if byte == UInt8(ascii: "*") {
            if let first = reachable.min() { reachable = Set(first...host.endIndex) }
        } else {
            reachable = Set(reachable.filter { $0 < host.endIndex && host[$0] == byte }.map { $0 + 1 })
        }
    }
    return reachable.contains(host.endIndex)
}

/// Pattern, path and substitution, separated by line feeds: no pattern that compiles hangs, and no result passes its bound.
private func regexViolation(_ bytes: [UInt8]) -> String? {
    let parts = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false).map(Array.init)
    guard parts.count == 3, let regex = try? PathRegex(String(decoding: parts[0], as: UTF8.self)) else { return nil }
    _ = regex.matchesWhole(parts[1])
    let substitution = String(decoding: parts[2], as: UTF8.self)
    guard regex.problem(ofSubstitution: substitution) == nil else { return nil }
    guard let result = regex.replacing(in: parts[1], with: substitution) else { return nil }
    return result.count <= 64 << 10 ? nil : "a rewritten path is too long"
}
