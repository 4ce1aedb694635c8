import Diagnostics

/// A configuration file as it was read.
struct ConfigText {
    var path: String
    var text: String

    static func read(_ path: String, _ reads: FileReads) throws(DiagnosticError) -> ConfigText {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let ending = name.lastIndex(of: ".").map { name[$0...].dropFirst().lowercased() } ?? ""
        guard ["yaml", "yml", "json"].contains(ending) else {
            let known = ["toml", "env", "dotenv"].contains(ending)
            throw DiagnosticError(
                Diagnostic(
                    code: "unsupported-format", "Unsupported Config Type \"\(ending)\"", at: SourcePosition(file: path),
                    help: known ? "write it as YAML, in a file that ends in .yaml" : "the file's name must end in .yaml, .yml or .json"))
        }
        do {
            return ConfigText(path: path, text: try reads.read(path))
        } catch {
            throw DiagnosticError(Diagnostic(code: "unreadable-file", "failed to read config: \(error)", at: SourcePosition(file: path)))
        }
    }
}
