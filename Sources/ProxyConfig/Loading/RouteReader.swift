import Diagnostics
import PolicyLanguage
import RouteOptions
import Routing

/// Reads routes one by one, each with what there is to say about it.
struct RouteReader {
    let allowUnknownKeys: Bool
    let compiler: RouteCompiler
    let readFile: @Sendable (String) throws -> String

    init(allowUnknownKeys: Bool, compiler: RouteCompiler, readFile: @escaping @Sendable (String) throws -> String) {
        self.allowUnknownKeys = allowUnknownKeys
        self.compiler = compiler
        self.readFile = readFile
    }

    /// All routes of a list. `isUnreadable` is set where it is none, `report` says why.
    func read(_ list: ConfigEntry, _ report: inout DiagnosticReport, _ isUnreadable: inout Bool) -> [RememberedRoute] {
        guard let elements = list.value.sequence else {
            var decoder = makeDecoder()
            _ = decoder.decode(list)
            report.merge(decoder.report)
            isUnreadable = isUnreadable || decoder.hasRoutesWithoutOrigin
            return []
        }
        return elements.map { read($0, of: list) }
    }

    /// The routes of before, with those that have changed in the place of what they replace.
    func updated(_ previous: RememberedRoutes, _ update: RememberedRoutes.Update, keepsCompiled: Bool) -> [RememberedRoute] {
        var routes = previous.routes
        let list = ConfigEntry(key: update.key, keyPosition: update.document.position, value: update.document)
        if update.lineShift != 0 {
            for index in update.replaced.upperBound..<routes.count { routes[index] = routes[index].moved(byLines: update.lineShift) }
        }
        if !keepsCompiled { for index in routes.indices { routes[index] = routes[index].compiled(by: compiler) } }
        routes.replaceSubrange(update.replaced, with: update.elements.map { read($0, of: list) })
        return routes
    }

    private func makeDecoder() -> RouteDecoder {
        RouteDecoder(allowUnknownKeys: allowUnknownKeys, readFile: readFile)
    }

    private func read(_ element: PositionedValue, of list: ConfigEntry) -> RememberedRoute {
        var decoder = makeDecoder()
        let decoded = decoder.decode(list.part(PositionedValue(.sequence([element]), at: element.position))).first
        return RememberedRoute(
            decoded, decoding: decoder.report, hasNoOrigin: decoder.hasRoutesWithoutOrigin, files: decoder.referencedFiles, compiler)
    }
}
