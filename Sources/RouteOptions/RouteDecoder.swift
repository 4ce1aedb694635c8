public import Diagnostics
import PolicyLanguage
public import Routing

/// A route of a list, with what stands in its way.
public struct DecodedRoute: Sendable {
    public var definition: RouteDefinition
    /// Why the route cannot be served; nil if it can. Where only its origin is known, it still has to be refused under that origin.
    public var refusal: String?
}

/// Reads `routes` (and its older name `policy`) into definitions. All problems of all routes are collected.
public struct RouteDecoder {
    public private(set) var report = DiagnosticReport()
    /// Files that options name, in the order of their first appearance.
    public private(set) var referencedFiles: [String] = []
    /// A route could not be read so far that its origin is known: nobody can say which requests it was meant for.
    public private(set) var hasRoutesWithoutOrigin = false
    private let catalog: RouteOptionCatalog
    private let allowUnknownKeys: Bool
    private let readFile: @Sendable (String) throws -> String

    /// With `allowUnknownKeys` unknown keys are warnings. `readFile` reads a file that the configuration names; what it throws is shown to the
    /// operator.
    public init(
        catalog: RouteOptionCatalog = .standard, allowUnknownKeys: Bool = false, readFile: @escaping @Sendable (String) throws -> String
    ) {
        self.catalog = catalog
        self.allowUnknownKeys = allowUnknownKeys
        self.readFile = readFile
    }

    /// Decodes a list of routes; null is an empty list.
    public mutating func decode(_ list: ConfigEntry) -> [DecodedRoute] {
        if list.value.isNull { return [] }
        guard let elements = list.value.sequence else {
            list.mismatch("a list of routes", &report)
            hasRoutesWithoutOrigin = true
            return []
        }
        return elements.compactMap { decode($0) }
    }

    private mutating func decode(_ value: PositionedValue) -> DecodedRoute? {
        guard let entries = value.mapping else {
            report.error("wrong-type", "a route must be an object, found \(value.kindName)", at: value.position, help: "begin it with - from:")
            hasRoutesWithoutOrigin = true
            return nil
        }
        var context = RouteDecodingContext(readFile: readFile)
        var route = RouteDefinition()
        route.position = value.position
        for entry in entries.map(ConfigEntry.init) where !entry.value.isNull {
            let key = entry.key.lowercased()
            if context.siblings.updateValue(entry, forKey: key) != nil {
                context.report.error("duplicate-key", "the route has the key \(key) more than once", at: entry.keyPosition)
            }
        }
        for entry in entries.map(ConfigEntry.init) {
            let key = entry.key.lowercased()
            if let option = catalog[key] {
                if !entry.value.isNull { option.decode(entry, into: &route, &context) }
            } else {
                reportUnused(entry, &context.report)
            }
        }
        RouteConsistency.check(&route, &context)
        if route.from == nil { hasRoutesWithoutOrigin = true }
        for file in context.referencedFiles where !referencedFiles.contains(file) { referencedFiles.append(file) }
        report.merge(context.report)
        let firstError = context.report.sorted.first { $0.severity == .error }
        return DecodedRoute(definition: route, refusal: firstError?.message)
    }

    private func reportUnused(_ entry: ConfigEntry, _ report: inout DiagnosticReport) {
        guard let known = catalog.unsupported(entry.key.lowercased()) else {
            let help = Suggestion.nearest(to: entry.key.lowercased(), in: catalog.keys).map { "did you mean \($0)?" }
            report.add(
                Diagnostic(
                    allowUnknownKeys ? .warning : .error, code: "unknown-key", "unknown key \(entry.key) in a route", at: entry.keyPosition,
                    help: help))
            return
        }
        switch known.verdict {
        case .removed(let help):
            report.error("removed-setting", "config option was removed: \(known.key)", at: entry.keyPosition, help: help)
        case .refused where !entry.value.isOff:
            report.error(
                "unsupported-setting", "\(known.key) is not supported by this version, and without it \(known.effect)", at: entry.keyPosition,
                help: "remove it if that is what you want")
        case .passedOver where !entry.value.isOff:
            report.warning("unsupported-setting", "\(known.key) is not supported by this version: \(known.effect)", at: entry.keyPosition)
        case .refused, .passedOver: break
        }
    }
}
