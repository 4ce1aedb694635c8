import HTTPWire
import Routing

/// What must hold for every list of routes and every request. Nil when it does, the broken rule otherwise.
///
/// The table finds what a scan of the list finds that does step by step what the reference says (configuration section 4.1).
///
/// The first line of the input is the request, `HOST[:PORT] PATH`; every other one a route, `HOST[:PORT]`, then nothing, `=PATH`, `^PREFIX` or
/// `~EXPRESSION`.
public func routeMatchViolation(_ bytes: [UInt8]) -> String? {
    let lines = bytes.prefix(2048).split(separator: 0x0A, maxSplits: 24, omittingEmptySubsequences: true)
    guard let request = lines.first.flatMap(MatchedRequest.init) else { return nil }
    let routes = lines.dropFirst().prefix(24).enumerated().compactMap { index, line in listedRoute(line, index) }
    let table = RouteTable(routes)

    let found = request.host.withUnsafeBytes { host in
        request.path.withUnsafeBytes { table.match(host: host, port: request.port, path: $0) }
    }
    let expected = scan(routes, for: request)
    guard summary(found) == summary(expected) else { return "the table finds \(summary(found)), the list says \(summary(expected))" }

    let host = String(decoding: request.name, as: UTF8.self)
    if case .unknownHost = found {} else if !table.knows(host: host) { return "a host that a route answers for is not known" }
    for first in routes where hostMatches(first.from.host, request) == false {
        for second in routes where hostMatches(second.from.host, request) && first.from.host.covers(second.from.host) {
            return "\(first.from.host.text) covers \(second.from.host.text), but not every host of it"
        }
    }
    return nil
}

/// Host (lower case), port and path of a request.
private struct MatchedRequest {
    var host: [UInt8]
    var port: UInt16?
    var path: [UInt8]
    /// The host without the dot that a complete name ends in.
    var name: [UInt8] { host.last == UInt8(ascii: ".") ? host.dropLast() : host }

    init?(_ line: ArraySlice<UInt8>) {
        let parts = line.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let (host, port) = authority(parts[0]) else { return nil }
        (self.host, self.port, path) = (host, port, Array(parts[1].prefix(256)))
    }
}

/// ASCII in lower case, and the port behind the last colon.
private func authority(_ text: ArraySlice<UInt8>) -> ([UInt8], UInt16?)? {
    guard text.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), text.count <= 80 else { return nil }
    let lowered = text.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    guard let colon = lowered.lastIndex(of: UInt8(ascii: ":")) else { return (lowered, nil) }
    guard let port = UInt16(String(decoding: lowered[(colon + 1)...], as: UTF8.self)) else { return nil }
    return (Array(lowered[..<colon]), port)
}

private func listedRoute(_ line: ArraySlice<UInt8>, _ index: Int) -> CompiledRoute? {
    let parts = line.split(separator: 0x20, maxSplits: 1, omittingEmptySubsequences: false)
    guard let (host, port) = authority(parts[0]), !host.isEmpty else { return nil }
    var definition = RouteDefinition()
    if parts.count == 2, let kind = parts[1].first {
        let text = Array(parts[1].dropFirst())
        switch kind {
        case UInt8(ascii: "="): definition.path = .exact(text)
        case UInt8(ascii: "^"): definition.path = .prefix(text)
        case UInt8(ascii: "~"):
            guard let expression = try? PathRegex(String(decoding: text, as: UTF8.self)) else { return nil }
            definition.path = .regex(expression)
        default: return nil
        }
    }
    let name = String(decoding: host, as: UTF8.self)
    return CompiledRoute(
        id: String(index), name: name, definition: definition,
        from: RouteSource(scheme: .https, host: HostPattern(host: name, port: port), text: "https://\(name)"),
        destination: .response(DirectResponse(status: 200, body: "")),
        access: RouteAccess(policies: [], isPublic: false, showErrorDetails: false),
        identity: IdentityForwarding(passIdentityHeaders: false, issuerFormat: .hostOnly, claimHeaders: []),
        requestHeaders: RequestHeaderRules(filter: FieldFilter(), set: [], constantLines: []),
        responseHeaders: ResponseHeaderRules(filter: FieldFilter(), lines: [], rewrites: []), timeout: nil, idleTimeout: nil, upgrades: [])
}

private func scan(_ routes: [CompiledRoute], for request: MatchedRequest) -> RouteTable.Match {
    let exact = routes.filter { !$0.from.host.isWildcard && Array($0.from.host.text.utf8) == request.name }
    let withPort = exact.filter { $0.from.host.port != nil && $0.from.host.port == request.port }
    let withoutPort = exact.filter { $0.from.host.port == nil }
    let wildcards = routes.filter { $0.from.host.isWildcard && hostMatches($0.from.host, request) }
    // No way leads from one of these to the next once it has an entry.
    let candidates = [withPort, withoutPort, wildcards].first { !$0.isEmpty } ?? []
    for route in candidates {
        switch route.definition.path {
        case .any: return .route(route)
        case .exact(let path): if path == request.path { return .route(route) }
        case .prefix(let prefix): if request.path.starts(with: prefix) { return .route(route) }
        case .regex(let expression):
            switch expression.matchesWhole(request.path) {
            case .matched: return .route(route)
            case .notMatched: continue
            case .limitExceeded: return .limitExceeded
            }
        }
    }
    return candidates.isEmpty ? .unknownHost : .noRoute
}

private func hostMatches(_ pattern: HostPattern, _ request: MatchedRequest) -> Bool {
    if let port = pattern.port, port != request.port { return false }
    return globMatches(Array(pattern.text.utf8), request.name)
}

/// Every prefix of the pattern against every prefix of the name.
private func globMatches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
    var reached = [Bool](repeating: false, count: name.count + 1)
    reached[0] = true
    for byte in pattern {
        if byte == UInt8(ascii: "*") {
            for index in reached.indices.dropFirst() where reached[index - 1] { reached[index] = true }
        } else {
            var next = [Bool](repeating: false, count: name.count + 1)
            for index in name.indices where reached[index] && name[index] == byte { next[index + 1] = true }
            reached = next
        }
    }
    return reached[name.count]
}

private func summary(_ match: RouteTable.Match) -> String {
    switch match {
    case .route(let route): "route \(route.id)"
    case .noRoute: "no route"
    case .unknownHost: "unknown host"
    case .limitExceeded: "limit exceeded"
    }
}
