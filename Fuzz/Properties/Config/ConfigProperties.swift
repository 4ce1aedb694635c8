import Diagnostics
import ProxyConfig
import Routing

struct NoFile: Error {}

/// What must hold for every text as a configuration file. Nil when it does, the broken rule otherwise.
///
/// A refusal names an error. What a strict load takes, a tolerant one takes too and alike. Header lines hold nothing but header lines, and a route
/// that was refused alone is open to nobody.
public func configViolation(_ bytes: [UInt8]) -> String? {
    // Large inputs find nothing that small ones do not, at a hundredth of the speed.
    guard bytes.count <= 4096 else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let loader = ConfigLoader(
        environment: [:],
        readFile: { path in
            guard path == "config.yaml" else { throw NoFile() }
            return text
        }, now: { 0 })
    let strict = outcome { () throws(DiagnosticError) in try loader.load("config.yaml") }
    let tolerant = outcome { () throws(DiagnosticError) in try loader.loadTolerant("config.yaml") }
    switch (strict, tolerant) {
    case (.success(let left), .success(let right)):
        if left.report.hasErrors { return "accepted in spite of errors" }
        if left.report != right.report || left.routes.map(\.id) != right.routes.map(\.id) { return "strict and tolerant loads differ" }
    case (.success, .failure): return "a tolerant load refuses what a strict one takes"
    case (.failure(let refusal), .success(let snapshot)):
        if !refusal.report.hasErrors { return "refused without an error" }
        if !snapshot.report.hasErrors { return "a tolerant load hides errors" }
    case (.failure(let left), .failure(let right)):
        if !left.report.hasErrors || !right.report.hasErrors { return "refused without an error" }
        if left.report.rendered().isEmpty { return "refused without a word" }
    }
    guard case .success(let snapshot) = tolerant else { return nil }
    for route in snapshot.routes {
        if let violation = routeViolation(route) { return violation }
        _ = snapshot.table.match(host: route.from.host.text, port: route.from.host.port, path: "/a/b")
    }
    return nil
}

private func outcome(_ load: () throws(DiagnosticError) -> ConfigSnapshot) -> Result<ConfigSnapshot, DiagnosticError> {
    do {
        return .success(try load())
    } catch {
        return .failure(error)
    }
}

private func routeViolation(_ route: CompiledRoute) -> String? {
    if case .unavailable = route.destination, route.access.isPublic || !route.access.policies.isEmpty { return "a refused route is open" }
    if !isFieldLines(route.responseHeaders.lines) { return "broken response header lines" }
    if let lines = route.requestHeaders.constantLines, !isFieldLines(lines) { return "broken request header lines" }
    if route.id.utf8.count != 16 { return "broken route id" }
    if let timeout = route.timeout, timeout <= 0 { return "a time limit that is none" }
    return nil
}

/// Whole lines of a name, a colon, a blank and a value.
private func isFieldLines(_ bytes: [UInt8]) -> Bool {
    guard !bytes.isEmpty else { return true }
    guard bytes.suffix(2) == [0x0D, 0x0A] else { return false }
    for line in bytes.dropLast(2).split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
        var text = line.element[...]
        if text.last == 0x0D { text = text.dropLast() }
        guard let colon = text.firstIndex(of: 0x3A), !text.contains(0x0D), text[colon...].dropFirst().first == 0x20 else { return false }
        guard FieldSyntax.isName(String(decoding: text[..<colon], as: UTF8.self)) else { return false }
    }
    return true
}
