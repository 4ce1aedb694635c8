import Diagnostics
import Testing

@testable import ProxyConfig

/// `Tests/Golden/config`: a configuration, and the diagnostics or the snapshot that come of it. A first line `# tolerant` loads as on reload.
@Suite struct GoldenConfigTests {
    @Test(arguments: GoldenFile.names(in: "config"))
    func matchesItsGoldenFile(name: String) throws {
        let file = try GoldenFile(name, in: "config")
        let loader = SampleConfig.loader(file.input, environment: file.header("env"), files: file.header("file"))
        do {
            let snapshot = try file.input.hasPrefix("# tolerant") ? loader.loadTolerant("config.yaml") : loader.load("config.yaml")
            try file.check(ConfigDump.text(snapshot))
        } catch let error as DiagnosticError {
            try file.check(error.report.rendered())
        }
    }
}
