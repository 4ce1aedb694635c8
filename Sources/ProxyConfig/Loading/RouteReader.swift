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
    func read(_ list: ConfigEntry, _ report: inout DiagnosticReport, _ isUnreadable: inout Bool) -> [PlacedRoute] {
        guard let elements = list.value.sequence else {
            var decoder = makeDecoder()
            _ = decoder.decode(list)
            report.merge(decoder.report)
            isUnreadable = isUnreadable || decoder.hasRoutesWithoutOrigin
            return []
        }
        return elements.map { read($0, of: list) }
    }

    /// One element of a list.
    func read(_ element: PositionedValue, of list: ConfigEntry) -> PlacedRoute {
        var decoder = makeDecoder()
        let decoded = decoder.decode(list.part(PositionedValue(.sequence([element]), at: element.position))).first
        return PlacedRoute(
            RouteReading(
                decoded, of: element.position.file, decoding: decoder.report, hasNoOrigin: decoder.hasRoutesWithoutOrigin,
                files: decoder.referencedFiles, compiler))
    }

    private func makeDecoder() -> RouteDecoder {
        RouteDecoder(allowUnknownKeys: allowUnknownKeys, readFile: readFile)
    }
}
