import CPCRE2

// Invariant for @unchecked Sendable: a compiled pattern and a match context are immutable after `init`, and pcre2_match may use them from several
// threads at once (pcre2api(3), "MULTITHREADING"); match data and the copy of the context that counts steps are made per call.

/// A compiled PCRE2 expression and the bounds within which it runs.
final class RegexProgram: @unchecked Sendable {
    /// Backtracking steps from one starting point, and KiB of heap; a path of some kilobytes against a sane expression needs a small fraction.
    static let matchLimit: UInt32 = 200_000
    static let heapLimitKiB: UInt32 = 4096
    /// Items of the pattern that one substitution may visit, over all starting points and all replacements.
    static let substitutionBudget = 1_000_000

    private let code: OpaquePointer
    /// The same pattern with a callout before every item: the engine's own limit counts from each starting point anew, and a search has as many
    /// starting points as the path has bytes.
    private let countedCode: OpaquePointer
    private let context: OpaquePointer
    let captureCount: Int

    init(_ pattern: String) throws(PathRegex.SyntaxError) {
        // Without UTF mode, and without a way for the pattern to turn it on: paths are percent-encoded ASCII. `$` is the end of the path alone.
        let options = UInt32(PCRE2_NEVER_BACKSLASH_C) | UInt32(PCRE2_NEVER_UTF) | UInt32(PCRE2_NEVER_UCP) | UInt32(PCRE2_DOLLAR_ENDONLY)
        let code = try Self.compile(pattern, options)
        let countedCode: OpaquePointer
        do {
            countedCode = try Self.compile(pattern, options | UInt32(PCRE2_AUTO_CALLOUT))
        } catch {
            pcre2_code_free_8(code)
            throw error
        }
        guard let context = pcre2_match_context_create_8(nil) else {
            pcre2_code_free_8(code)
            pcre2_code_free_8(countedCode)
            throw PathRegex.SyntaxError(message: "out of memory", offset: 0)
        }
        pcre2_set_match_limit_8(context, Self.matchLimit)
        pcre2_set_heap_limit_8(context, Self.heapLimitKiB)
        var groups: UInt32 = 0
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &groups)
        self.code = code
        self.countedCode = countedCode
        self.context = context
        captureCount = Int(groups)
    }

    deinit {
        pcre2_match_context_free_8(context)
        pcre2_code_free_8(countedCode)
        pcre2_code_free_8(code)
    }

    private static func compile(_ pattern: String, _ options: UInt32) throws(PathRegex.SyntaxError) -> OpaquePointer {
        var errorCode: Int32 = 0
        var errorOffset = 0
        var text = Array(pattern.utf8)
        let length = text.count
        // The engine wants a valid address for an empty pattern too.
        text.append(0)
        guard let code = pcre2_compile_8(&text, length, options, &errorCode, &errorOffset, nil) else {
            var message = [UInt8](repeating: 0, count: 256)
            let count = pcre2_get_error_message_8(errorCode, &message, message.count)
            throw PathRegex.SyntaxError(message: String(decoding: message.prefix(max(0, Int(count))), as: UTF8.self), offset: errorOffset)
        }
        return code
    }

    func matchesWhole(_ bytes: UnsafeRawBufferPointer) -> PathRegex.Outcome {
        guard let data = pcre2_match_data_create_8(1, nil) else { return .limitExceeded }
        defer { pcre2_match_data_free_8(data) }
        return bytes.withMemoryRebound(to: UInt8.self) { subject in
            var empty: UInt8 = 0
            let options = UInt32(PCRE2_ANCHORED) | UInt32(PCRE2_ENDANCHORED)
            let result =
                if let base = subject.baseAddress {
                    pcre2_match_8(code, base, subject.count, 0, options, data, context)
                } else {
                    pcre2_match_8(code, &empty, 0, 0, options, data, context)
                }
            if result >= 0 { return .matched }
            return result == PCRE2_ERROR_NOMATCH ? .notMatched : .limitExceeded
        }
    }

    /// Nil when a bound was passed or the replacement is not valid for the pattern.
    func substitute(_ bytes: [UInt8], with replacement: [UInt8], maximumLength: Int) -> [UInt8]? {
        guard let counting = pcre2_match_context_copy_8(context) else { return nil }
        defer { pcre2_match_context_free_8(counting) }
        var remaining = Self.substitutionBudget
        return withUnsafeMutablePointer(to: &remaining) { counter in
            pcre2_set_callout_8(
                counting,
                { _, data in
                    guard let counter = data?.assumingMemoryBound(to: Int.self) else { return PCRE2_ERROR_CALLOUT }
                    counter.pointee -= 1
                    return counter.pointee >= 0 ? 0 : PCRE2_ERROR_CALLOUT
                }, counter)
            var output = [UInt8](repeating: 0, count: min(maximumLength, bytes.count * 2 + 1024))
            let subject = bytes + [0]
            let substitution = replacement + [0]
            while true {
                var length = output.count
                let options = UInt32(PCRE2_SUBSTITUTE_GLOBAL) | UInt32(PCRE2_SUBSTITUTE_OVERFLOW_LENGTH) | UInt32(PCRE2_SUBSTITUTE_UNSET_EMPTY)
                let result = pcre2_substitute_8(
                    countedCode, subject, bytes.count, 0, options, nil, counting, substitution, replacement.count, &output, &length)
                if result >= 0 { return Array(output.prefix(length)) }
                guard result == PCRE2_ERROR_NOMEMORY, length > output.count, length <= maximumLength else { return nil }
                output = [UInt8](repeating: 0, count: length)
            }
        }
    }
}
