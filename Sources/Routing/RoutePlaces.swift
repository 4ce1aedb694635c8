public import Diagnostics
public import PolicyLanguage

/// Where the routes of one configuration stand in its file.
///
/// A route that a reload only moves stays the object that it was, with the places of when it was compiled: thousands move when a line is put in
/// above them. By how much is kept here, and places are made right where they are told.
public struct RoutePlaces: Sendable {
    private let linesMoved: [ObjectIdentifier: Int]

    /// Every route where it was compiled.
    public init() {
        linesMoved = [:]
    }

    /// By how many lines each route has moved. Of two places of one route the first counts, as it is the one that serves requests.
    public init(_ routes: [(route: CompiledRoute, linesMoved: Int)]) {
        guard routes.contains(where: { $0.linesMoved != 0 }) else {
            linesMoved = [:]
            return
        }
        var moved: [ObjectIdentifier: Int] = [:]
        moved.reserveCapacity(routes.count)
        for (route, lines) in routes where moved[ObjectIdentifier(route)] == nil { moved[ObjectIdentifier(route)] = lines }
        linesMoved = moved
    }

    /// The lines by which a route stands further down than where it was compiled.
    public func linesMoved(by route: CompiledRoute) -> Int {
        linesMoved.isEmpty ? 0 : linesMoved[ObjectIdentifier(route)] ?? 0
    }

    /// Where a route's entry begins.
    public func position(of route: CompiledRoute) -> SourcePosition? { route.position(movedByLines: linesMoved(by: route)) }

    /// What decides about a route, with the places where it stands.
    public func policies(of route: CompiledRoute) -> [CompiledPolicy] { route.policies(movedByLines: linesMoved(by: route)) }
}

extension CompiledRoute {
    public func position(movedByLines lines: Int) -> SourcePosition? {
        definition.position.map { $0.moved(byLines: lines, in: $0.file) }
    }

    /// `access.policies` with their places so many lines further down.
    public func policies(movedByLines lines: Int) -> [CompiledPolicy] { moved(access.policies, lines) }

    /// `access.shadow` with its places so many lines further down.
    public func shadow(movedByLines lines: Int) -> [CompiledPolicy] { moved(access.shadow, lines) }

    /// Where the rules of its policy begin, so many lines further down; where the route begins if it has none.
    public func rulesPosition(movedByLines lines: Int) -> SourcePosition? {
        let positions = access.policies.lazy.compactMap { $0.document.rules.first?.position }
        // The rules that options stand for are placed where the route is.
        let own = positions.first { $0.line > 0 && $0 != self.definition.position }
        return own.map { $0.moved(byLines: lines, in: definition.position?.file ?? $0.file) } ?? position(movedByLines: lines)
    }

    private func moved(_ policies: [CompiledPolicy], _ lines: Int) -> [CompiledPolicy] {
        guard lines != 0, let file = definition.position?.file else { return policies }
        return policies.map { $0.moved(byLines: lines, in: file) }
    }
}
