import Diagnostics

extension CheckReport {
    /// A SARIF 2.1.0 document with one run.
    ///
    /// - Parameters:
    ///   - version: the product's.
    ///   - directory: the working directory; files below it are named relative to it, as code hosts expect.
    public func sarif(version: String, directory: String) throws -> String {
        let known = catalog.rules
        var rules = known.map { rule in
            SARIFDocument.Rule(
                id: rule.code, shortDescription: .init(text: rule.summary), fullDescription: .init(text: rule.text), help: .init(text: rule.text),
                defaultConfiguration: .init(level: rule.severity.rawValue))
        }
        var indices = Dictionary(known.enumerated().map { ($1.code, $0) }) { first, _ in first }
        let results = findings.map { finding -> SARIFDocument.Result in
            let diagnostic = finding.diagnostic
            let index = indices[diagnostic.code] ?? rules.count
            if index == rules.count {
                // A problem of loading that has no entry in the reference: what it says is in its message.
                indices[diagnostic.code] = index
                rules.append(.init(id: diagnostic.code, defaultConfiguration: .init(level: diagnostic.severity.rawValue)))
            }
            return .init(
                ruleId: diagnostic.code, ruleIndex: index, level: diagnostic.severity.rawValue,
                message: .init(text: diagnostic.message + (diagnostic.help.map { ". Help: \($0)" } ?? "")),
                locations: diagnostic.position.map { [Self.location($0, directory)] } ?? [],
                fixes: finding.fix.map { [Self.fix($0, directory)] })
        }
        let driver = SARIFDocument.Driver(version: version, rules: rules)
        return try Self.encode(SARIFDocument(runs: [.init(tool: .init(driver: driver), results: results)]))
    }

    private static func location(_ position: SourcePosition, _ directory: String) -> SARIFDocument.Location {
        if position.file.hasPrefix("environment ") { return .init(logicalLocations: [.init(name: position.file)]) }
        let region =
            position.line > 0 ? SARIFDocument.Region(startLine: position.line, startColumn: position.column > 0 ? position.column : nil) : nil
        return .init(physicalLocation: .init(artifactLocation: .init(uri: uri(of: position.file, directory)), region: region))
    }

    private static func fix(_ fix: LintFix, _ directory: String) -> SARIFDocument.Fix {
        let changes = fix.edits.map { edit in
            SARIFDocument.ArtifactChange(
                artifactLocation: .init(uri: uri(of: edit.start.file, directory)),
                replacements: [
                    .init(
                        deletedRegion: .init(
                            startLine: edit.start.line, startColumn: edit.start.column, endLine: edit.endLine, endColumn: edit.endColumn),
                        insertedContent: edit.replacement.isEmpty ? nil : .init(text: edit.replacement))
                ])
        }
        return .init(description: .init(text: fix.description), artifactChanges: changes)
    }

    /// Relative to the directory if the file is below it (RFC 3986 section 4.2), else with the scheme `file` (RFC 8089).
    static func uri(of file: String, _ directory: String) -> String {
        var path = file[...]
        let base = directory.hasSuffix("/") ? directory : directory + "/"
        if path.hasPrefix(base) { path = path.dropFirst(base.count) }
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        let kept = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var escaped: [UInt8] = []
        for byte in path.utf8 {
            if kept.contains(byte) { escaped.append(byte) } else { escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        }
        let text = String(decoding: escaped, as: UTF8.self)
        return path.hasPrefix("/") ? "file://" + text : text
    }
}
