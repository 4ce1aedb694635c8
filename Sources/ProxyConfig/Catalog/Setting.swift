import Diagnostics
import PolicyLanguage
import Routing

/// One global key: how it is read, and what the reference says of it.
struct Setting: Sendable {
    enum Support: Sendable, Equatable {
        case implemented
        /// A known key that this version does not act on. `refused`: going on without it would let in the wrong people, shut out the right ones,
        /// or weaken what protects them, so it is an error.
        case notYet(refused: Bool, effect: String)
        /// Of no meaning here; a warning.
        case ignored(reason: String)
        /// It no longer exists; an error that says what took its place.
        case removed(help: String)
    }

    /// How the text of an environment variable becomes a value.
    enum EnvironmentForm: Sendable, Equatable {
        /// Cannot be set by environment.
        case none
        case scalar
        /// Split at commas; a JSON list is taken as one.
        case list
        /// A JSON object.
        case object
        /// An object or list in JSON, a scalar otherwise.
        case flexible
        /// `K:V,K2:V2` or a JSON object.
        case headers
        /// Standard base64 of a YAML list.
        case encodedList
    }

    typealias Decode = @Sendable (ConfigEntry, inout SettingsDecodingContext) -> Void

    var key: String
    var type: String
    var defaultText: String
    /// One paragraph: effect, units, limits.
    var text: String
    var support = Support.implemented
    var environmentForm = EnvironmentForm.scalar
    /// Usually the key in upper case.
    var environmentNames: [String]
    /// Values of a key that is not acted on which ask for nothing.
    var harmlessValues: Set<String> = []
    var decode: Decode = { _, _ in }
}

/// What settings may need while they are decoded.
struct SettingsDecodingContext {
    var settings = Settings()
    var report = DiagnosticReport()
    var referencedFiles: [String] = []
    /// All keys that have a value, in lower case; for settings that are written in two keys.
    var entries: [String: ConfigEntry] = [:]
    let readFile: @Sendable (String) throws -> String

    init(readFile: @escaping @Sendable (String) throws -> String) {
        self.readFile = readFile
    }

    /// The content of the file that the entry names, remembered as referenced whether it can be read or not.
    mutating func file(named entry: ConfigEntry, or problem: (String) -> String) -> String? {
        guard let path = entry.nonEmptyString(&report) else { return nil }
        referencedFiles.append(path)
        do {
            return try readFile(path)
        } catch {
            report.error("unreadable-file", problem("\(error)"), at: entry.position)
            return nil
        }
    }
}
