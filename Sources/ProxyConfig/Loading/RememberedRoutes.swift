import Diagnostics
import PolicyLanguage
import RouteOptions
import Routing

/// A route with everything that reading it gave. An object, so that a load copies references and not thousands of definitions.
final class RememberedRoute: Sendable {
    /// Nil for an entry that is no route.
    let decoded: DecodedRoute?
    let compiled: CompiledRoute?
    /// Of decoding.
    let decoding: DiagnosticReport
    let compiling: DiagnosticReport
    let hasNoOrigin: Bool
    let files: [String]

    /// Compiles the route.
    init(_ decoded: DecodedRoute?, decoding: DiagnosticReport, hasNoOrigin: Bool, files: [String], _ compiler: RouteCompiler) {
        self.decoded = decoded
        self.decoding = decoding
        self.hasNoOrigin = hasNoOrigin
        self.files = files
        var report = DiagnosticReport()
        compiled = decoded.flatMap { compiler.compile($0, &report) }
        compiling = report
    }

    /// With the settings that `compiler` has.
    func compiled(by compiler: RouteCompiler) -> RememberedRoute {
        RememberedRoute(decoded, decoding: decoding, hasNoOrigin: hasNoOrigin, files: files, compiler)
    }

    private init(_ other: RememberedRoute, movedByLines lines: Int) {
        var decoded = other.decoded
        decoded?.definition.position?.line += lines
        for index in 0..<(decoded?.definition.tests.count ?? 0) { decoded?.definition.tests[index].position.line += lines }
        self.decoded = decoded
        compiled = other.compiled
        decoding = other.decoding.moved(byLines: lines)
        compiling = other.compiling.moved(byLines: lines)
        hasNoOrigin = other.hasNoOrigin
        files = other.files
    }

    /// The same, further down in its file.
    func moved(byLines lines: Int) -> RememberedRoute { RememberedRoute(self, movedByLines: lines) }

    var definition: RouteDefinition { decoded?.definition ?? RouteDefinition() }

    var hasTests: Bool { decoded?.definition.tests.isEmpty == false }

    var match: RouteOverlap.Match { RouteOverlap.Match(definition) }
}

extension DiagnosticReport {
    fileprivate func moved(byLines lines: Int) -> DiagnosticReport {
        if isEmpty { return self }
        return DiagnosticReport(
            diagnostics.map { diagnostic in
                var moved = diagnostic
                if moved.position?.line != 0 { moved.position?.line += lines }
                return moved
            })
    }
}

/// The routes of a load, for the next one: those whose text is the same are neither parsed, decoded nor compiled again.
///
/// It is used where only the text of the list of routes has changed; then everything else that a route is made from is the same as well.
final class RememberedRoutes: Sendable {
    private let path: String
    private let key: String
    private let text: [UInt8]
    private let layout: RouteListLayout
    private let environment: [String: String]
    private let allowUnknownKeys: Bool
    private let responseHeaders: [HeaderSetting]
    private let files: [String: String]
    let routes: [RememberedRoute]

    /// Nil where the list is not written in the way that makes a route readable alone.
    init?(
        path: String, text: String, layout: RouteListLayout?, key: String, environment: [String: String], allowUnknownKeys: Bool,
        settings: Settings, files: [String: String], routes: [RememberedRoute]
    ) {
        guard let layout, layout.items.count == routes.count else { return nil }
        self.path = path
        self.key = key
        self.text = Array(text.utf8)
        self.layout = layout
        self.environment = environment
        self.allowUnknownKeys = allowUnknownKeys
        responseHeaders = settings.responseHeaders
        self.files = files
        self.routes = routes
    }

    /// What a new text has in common with this one.
    struct Update {
        /// The document without its routes.
        var document: PositionedValue
        /// The items to be read, instead of `replaced`.
        var elements: [PositionedValue]
        var replaced: Range<Int>
        var lineShift: Int
        var layout: RouteListLayout
        var key: String
    }

    /// Nil where the text must be read as a whole: it has changed outside the list, or in a way that only the whole tells.
    func update(path: String, text new: String, environment: [String: String], allowUnknownKeys: Bool) -> Update? {
        guard path == self.path, environment == self.environment, allowUnknownKeys == self.allowUnknownKeys else { return nil }
        let bytes = Array(new.utf8)
        if bytes == text {
            guard let document = rest(of: bytes, list: layout.items[0], end: layout.end) else { return nil }
            return Update(document: document, elements: [], replaced: 0..<0, lineShift: 0, layout: layout, key: key)
        }
        guard let change = layout.touched(from: text, to: bytes) else { return nil }
        var report = DiagnosticReport()
        let padding = String(repeating: "\n", count: change.start.number - 1)
        guard let value = PositionedValue.parse(yaml: padding + String(decoding: change.text, as: UTF8.self), file: path, report: &report),
            report.isEmpty, let elements = value.sequence, let layout = layout.applying(change, itemsAt: elements.map(\.position.line)),
            let document = rest(of: bytes, list: layout.items[0], end: layout.end)
        else { return nil }
        return Update(
            document: document, elements: elements, replaced: change.items, lineShift: change.lineShift, layout: layout, key: key)
    }

    /// Whether routes that were compiled before are what compiling them again would give.
    func canKeepCompiled(with settings: Settings) -> Bool { settings.responseHeaders == responseHeaders }

    /// Whether the files that routes name hold what they held.
    func hasSameFiles(_ read: (String) throws -> String) -> Bool {
        files.allSatisfy { path, text in (try? read(path)) == text }
    }

    /// Lines of the list become empty, so that all others keep their numbers.
    private func rest(of bytes: [UInt8], list: RouteListLayout.Line, end: RouteListLayout.Line) -> PositionedValue? {
        let lines = [UInt8](repeating: UInt8(ascii: "\n"), count: end.number - list.number)
        var report = DiagnosticReport()
        let text = String(decoding: bytes[..<list.offset] + lines + bytes[end.offset...], as: UTF8.self)
        guard let document = PositionedValue.parse(yaml: text, file: path, report: &report), report.isEmpty else { return nil }
        return document
    }
}
