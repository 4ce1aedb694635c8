import CPCRE2

/// A regular expression over paths that must match the whole path (`regex`), or is replaced in it (`regex_rewrite_pattern`).
///
/// The engine is PCRE2 with hard limits on steps and memory: operators write RE2 syntax, which PCRE2 covers, but visitors choose the
/// paths, so no expression may take exponential time. A match that exceeds the limits is ``Outcome/limitExceeded``; callers fail closed.
public struct PathRegex: Sendable {
    public enum Outcome: Sendable, Equatable {
        case matched
        case notMatched
        case limitExceeded
    }

    public struct SyntaxError: Error, Sendable, Equatable {
        /// The engine's words.
        public var message: String
        /// Offset in bytes into the pattern.
        public var offset: Int
    }

    public let pattern: String
    private let code: RegexProgram

    /// Longer expressions are refused.
    public static let maximumPatternLength = 8192
    /// A rewritten path that grows beyond this many bytes is given up.
    static let maximumResultLength = 64 << 10

    public init(_ pattern: String) throws(SyntaxError) {
        guard pattern.utf8.count <= Self.maximumPatternLength else {
            throw SyntaxError(message: "longer than \(Self.maximumPatternLength) bytes", offset: 0)
        }
        self.pattern = pattern
        code = try RegexProgram(pattern)
    }

    /// Groups that a substitution may name.
    public var captureCount: Int { code.captureCount }

    /// Whether the expression matches all of the bytes.
    public func matchesWhole(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        code.matchesWhole(bytes)
    }

    public func matchesWhole(_ bytes: [UInt8]) -> Outcome {
        bytes.withUnsafeBytes { matchesWhole($0) }
    }

    /// Replaces every match; `\0` to `\9` in the substitution stand for the match and its groups, `\\` for a backslash. Nil when a limit was
    /// exceeded or the substitution names a group that does not exist.
    public func replacing(in bytes: [UInt8], with substitution: String) -> [UInt8]? {
        code.substitute(bytes, with: Self.engineSubstitution(substitution), maximumLength: Self.maximumResultLength)
    }

    /// What is wrong with a substitution for this expression, in an operator's words; nil if nothing is.
    public func problem(ofSubstitution text: String) -> String? {
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte > 0x20, byte != 0x7F else { return "substitution contains a blank or a control character" }
            guard byte == UInt8(ascii: "\\") else { continue }
            switch iterator.next() {
            case UInt8(ascii: "\\"): continue
            case let digit? where digit >= 0x30 && digit <= 0x39:
                guard Int(digit - 0x30) <= captureCount else {
                    return "substitution refers to group \\\(digit - 0x30), but the pattern has \(captureCount)"
                }
            default: return "a backslash in a substitution must be followed by a digit or another backslash"
            }
        }
        return nil
    }

    /// RE2's `\1` in the spelling of PCRE2; its own `$` is escaped.
    static func engineSubstitution(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "$"): out += [UInt8(ascii: "$"), UInt8(ascii: "$")]
            case UInt8(ascii: "\\"):
                guard let next = iterator.next() else { break }
                if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) {
                    out += [UInt8(ascii: "$"), UInt8(ascii: "{"), next, UInt8(ascii: "}")]
                } else {
                    out.append(next)
                }
            default: out.append(byte)
            }
        }
        return out
    }
}
