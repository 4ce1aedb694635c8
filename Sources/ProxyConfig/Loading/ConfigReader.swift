import Diagnostics
import PolicyCriteria
import PolicyLanguage
import Routing

/// Reads a configuration in one of two ways that give the same: as a whole, or only what has changed since an earlier load.
struct ConfigReader {
    let environment: [String: String]
    let allowUnknownKeys: Bool
    let reads: FileReads

    // MARK: The whole

    func whole(_ source: ConfigText?) throws(DiagnosticError) -> ConfigReading {
        var report = DiagnosticReport()
        var document: PositionedValue?
        if let source {
            document = PositionedValue.parse(yaml: source.text, file: source.path, report: &report)
            guard document != nil else { throw DiagnosticError(report) }
        }
        let context = settings(of: document)
        let compiler = RouteCompiler(settings: context.settings, criteria: .standard)
        var reading = ConfigReading(source: source, document: document, context, compiler.defaults)
        report.merge(reading.report)
        let lists = routeLists(in: context)
        for list in lists { reading.routes += routeReader(compiler).read(list, &report, &reading.hasUnreadableList) }
        reading.report = report
        // A list in a variable of the environment is not the file's.
        if let source, let document, lists.count == 1, lists[0].position.file == source.path {
            reading.list = RouteListText(source.text, key: lists[0].key, writtenAs: document)
        }
        reading.work.textsParsed = source == nil ? 0 : 1
        reading.work.routesDecoded = reading.routes.count
        reading.work.routesCompiled = reading.routes.count
        return reading
    }

    // MARK: What has changed

    /// Takes routes whose text is the same from `previous`, wherever they stand now. Nil where the text does not allow it: then ``whole(_:)`` tells
    /// what there is to tell.
    func changes(in source: ConfigText, since previous: RememberedRoutes) -> ConfigReading? {
        guard previous.belongs(to: source.path, environment: environment, allowUnknownKeys: allowUnknownKeys),
            let list = RouteListText(source.text, key: previous.list.key), let document = list.documentWithoutRoutes(file: source.path)
        else { return nil }
        let context = settings(of: document)
        guard routeLists(in: context).isEmpty else { return nil }
        let compiler = RouteCompiler(settings: context.settings, criteria: .standard)
        var reading = ConfigReading(source: source, document: document, context, compiler.defaults)
        reading.list = list
        reading.work.textsParsed = 1
        let reader = routeReader(compiler)
        let changedFiles = previous.changedFiles(reads)
        let keepsCompiled = previous.defaults == compiler.defaults
        let known = list.itemsKnown(from: previous.list) { changedFiles.isEmpty || changedFiles.isDisjoint(with: previous.routes[$0].reading.files) }
        reading.routes.reserveCapacity(known.count)
        for (index, earlier) in known.enumerated() {
            if let earlier {
                let lines = list.items[index].line - previous.list.items[earlier].line
                let route = previous.routes[earlier].moved(byLines: lines)
                reading.routes.append(keepsCompiled ? route : route.compiled(by: compiler))
            } else {
                guard let element = list.element(index, file: source.path) else { return nil }
                reading.routes.append(
                    reader.read(element, of: ConfigEntry(key: list.key, keyPosition: list.keyPosition(source.path), value: element)))
                reading.work.textsParsed += 1
                reading.work.routesDecoded += 1
            }
        }
        reading.work.routesCompiled = keepsCompiled ? reading.work.routesDecoded : reading.routes.count
        return reading
    }

    // MARK: Both

    private func settings(of document: PositionedValue?) -> SettingsDecodingContext {
        var decoder = SettingsDecoder(allowUnknownKeys: allowUnknownKeys, readFile: { [reads] in try reads.read($0) })
        decoder.decode(file: document, environment: environment)
        return decoder.context
    }

    /// `policy` is the older name.
    private func routeLists(in context: SettingsDecodingContext) -> [ConfigEntry] { ["policy", "routes"].compactMap { context.entries[$0] } }

    private func routeReader(_ compiler: RouteCompiler) -> RouteReader {
        RouteReader(allowUnknownKeys: allowUnknownKeys, compiler: compiler) { [reads] in try reads.read($0) }
    }
}
