import CYAML

/// One step through a YAML document, as libyaml gives it.
enum YAMLEvent {
    struct Scalar {
        var text: String
        /// As written without quotes and not as a block.
        var isPlain: Bool
        /// Empty where the author gave none.
        var tag: String
    }

    case scalar(Scalar, anchor: String?)
    case sequence(anchor: String?)
    case mapping(anchor: String?)
    /// Of the sequence or mapping that was begun last.
    case end
    case alias(of: String)
    case documentStart
    case documentEnd
    case streamEnd
}

/// 1-based.
struct YAMLMark {
    var line: Int
    var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) &+ 1, column: Int(clamping: mark.column) &+ 1)
    }
}

/// Why a text is no YAML, in libyaml's words.
enum YAMLProblem: Error {
    /// The text cannot be read as characters from this byte on.
    case unreadable(String, offset: Int)
    case syntax(String, at: YAMLMark)
    /// The same keys more than once in one mapping, in order; the mark is that of the first one's first appearance.
    case duplicateKeys([String], first: YAMLMark)
    case outOfMemory
}

/// The events of one text. The bytes must outlive the reader.
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLProblem) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw .outOfMemory
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event and where it begins.
    mutating func next() throws(YAMLProblem) -> (event: YAMLEvent, mark: YAMLMark) {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw problem }
            defer { yaml_event_delete(&event) }
            if let known = Self.event(event) { return (known, YAMLMark(event.start_mark)) }
        }
    }

    private static func event(_ event: yaml_event_t) -> YAMLEvent? {
        switch event.type {
        case YAML_SCALAR_EVENT: return .scalar(scalar(event.data.scalar), anchor: text(event.data.scalar.anchor))
        case YAML_SEQUENCE_START_EVENT: return .sequence(anchor: text(event.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT: return .mapping(anchor: text(event.data.mapping_start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
        case YAML_ALIAS_EVENT: return .alias(of: text(event.data.alias.anchor) ?? "")
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        // Behind the end libyaml gives an event without a type.
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
        default: return nil
        }
    }

    private static func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar) -> YAMLEvent.Scalar {
        let bytes = UnsafeBufferPointer(start: scalar.value, count: Int(clamping: scalar.length))
        return YAMLEvent.Scalar(
            text: String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
            tag: scalar.quoted_implicit == 1 ? "" : text(scalar.tag) ?? "")
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private var problem: YAMLProblem {
        let state = parser.pointee
        let words = { (text: UnsafePointer<CChar>?) in text.map { String(cString: $0) } ?? "" }
        switch state.error {
        case YAML_READER_ERROR: return .unreadable(words(state.problem), offset: Int(clamping: state.problem_offset))
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR, YAML_COMPOSER_ERROR:
            let text = [words(state.context), words(state.problem)].filter { !$0.isEmpty }.joined(separator: ", ")
            return .syntax(text, at: YAMLMark(state.problem_mark))
        default: return .outOfMemory
        }
    }
}
