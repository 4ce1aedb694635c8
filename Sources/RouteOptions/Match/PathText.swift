import Diagnostics
import Routing

extension ConfigEntry {
    /// A path that can stand in a request line: no blank, no control character, no query, no fragment.
    func pathText(_ report: inout DiagnosticReport) -> String? {
        guard let text = string(&report) else { return nil }
        guard text.utf8.count <= 8192, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else {
            report.error(
                "invalid-path", "\(key) must be a path without blanks, query and fragment, found \"\(text)\"", at: position,
                help: "other characters are written with percent signs")
            return nil
        }
        return text
    }

    /// A path that a request's path is compared with.
    func matchPath(_ report: inout DiagnosticReport) -> String? {
        guard let text = pathText(&report) else { return nil }
        guard text.hasPrefix("/") else {
            report.error(
                "invalid-path", "\(key) must begin with a slash, found \"\(text)\", so it would match nothing", at: position, help: "write /\(text)")
            return nil
        }
        return text
    }

    /// An expression over paths.
    func expression(_ report: inout DiagnosticReport) -> PathRegex? {
        guard let text = nonEmptyString(&report) else { return nil }
        do {
            return try PathRegex(text)
        } catch {
            report.error("invalid-regex", "\(key): \(error.message) at offset \(error.offset) of \(text)", at: position)
            return nil
        }
    }

    /// The substitution that belongs to this expression, empty where the key is absent.
    func rewrite(with substitution: ConfigEntry?, _ report: inout DiagnosticReport) -> RegexRewrite? {
        guard let pattern = expression(&report) else { return nil }
        guard let substitution else { return RegexRewrite(pattern: pattern, substitution: "") }
        guard let text = substitution.string(&report) else { return nil }
        if let problem = pattern.problem(ofSubstitution: text) {
            report.error("invalid-substitution", "\(substitution.key): \(problem)", at: substitution.position)
            return nil
        }
        return RegexRewrite(pattern: pattern, substitution: text)
    }
}
