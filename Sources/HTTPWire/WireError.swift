/// Why a message was refused. Nothing that follows on the same connection can be trusted: answer `status` and close.
public enum WireError: Error, Sendable, Hashable, CaseIterable {
    // Start line.
    case malformedRequestLine
    case methodTooLong
    case targetTooLong
    case invalidTarget
    /// An absolute-form or authority-form target that names another authority than the Host field.
    case authorityMismatch
    /// HTTP/1.0 or HTTP/0.9.
    case lowVersion
    case unsupportedVersion
    /// The connection preface of HTTP/2 on a connection that speaks HTTP/1.1.
    case http2Preface
    case malformedStatusLine

    // Lines and fields.
    case bareLineFeed
    case bareCarriageReturn
    case foldedField
    case spaceBeforeColon
    case missingColon
    case emptyFieldName
    case invalidFieldName
    case invalidFieldValue
    case headTooLarge
    case tooManyFields
    /// A field name with `_`. The parser lets it pass and says so; whoever applies the setting refuses with this.
    case unexpectedUnderscore

    // Host and Connection.
    case missingHost
    case severalHosts
    case invalidHost
    case invalidConnectionField

    // Framing.
    case invalidContentLength
    case severalContentLengths
    case contentLengthWithTransferEncoding
    case invalidTransferEncoding
    /// A Content-Length where the message can have no content: CONNECT, 1xx and 204.
    case contentLengthNotAllowed
    /// A Transfer-Encoding where the message can have none: CONNECT, 1xx, 204 and HTTP/1.0.
    case transferEncodingNotAllowed
    case invalidChunkSize
    case invalidChunkExtension
    case chunkLineTooLong
    /// Extensions that outweigh the content they describe.
    case chunkOverhead
    case missingChunkLineEnd
    case trailersTooLarge
    case forbiddenTrailer
    case bodyTooLarge

    // Responses.
    /// Bytes from an upstream that nobody asked for.
    case unsolicitedResponse
    case tooManyInformationalResponses
    /// The peer closed before the message was complete.
    case truncated

    /// The status a request with this fault is answered with. A fault in an upstream's response is a 502 whatever this says.
    public var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .lowVersion: 426
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .methodTooLong: 501
        case .unsupportedVersion, .http2Preface: 505
        default: 400
        }
    }

    /// The response code detail of the access log and error page; the names of the services reference, section 5.
    public var detail: String {
        switch self {
        case .malformedRequestLine, .methodTooLong, .unsupportedVersion, .http2Preface, .malformedStatusLine, .bareLineFeed, .bareCarriageReturn,
            .foldedField, .spaceBeforeColon, .missingColon, .emptyFieldName, .severalHosts, .invalidContentLength, .severalContentLengths,
            .invalidChunkSize, .invalidChunkExtension, .chunkLineTooLong, .chunkOverhead, .missingChunkLineEnd, .forbiddenTrailer,
            .unsolicitedResponse, .tooManyInformationalResponses, .truncated:
            "http1.codec_error"
        case .targetTooLong, .invalidTarget, .invalidHost: "http1.invalid_url"
        case .authorityMismatch: "absolute_path_rejected"
        case .lowVersion: "low_version"
        case .invalidFieldName, .invalidFieldValue: "http1.invalid_characters"
        case .headTooLarge, .trailersTooLarge: "http1.headers_too_large"
        case .tooManyFields: "http1.too_many_headers"
        case .unexpectedUnderscore: "http1.unexpected_underscore"
        case .missingHost: "missing_host_header"
        case .invalidConnectionField: "http1.connection_header_rejected"
        case .contentLengthWithTransferEncoding: "http1.content_length_and_chunked_not_allowed"
        case .invalidTransferEncoding: "http1.invalid_transfer_encoding"
        case .contentLengthNotAllowed: "http1.content_length_not_allowed"
        case .transferEncodingNotAllowed: "http1.transfer_encoding_not_allowed"
        case .bodyTooLarge: "request_payload_too_large"
        }
    }

    /// One phrase for the log: which rule was broken, in words.
    public var reason: String {
        switch self {
        case .malformedRequestLine: "malformed request line"
        case .methodTooLong: "method too long"
        case .targetTooLong: "request target too long"
        case .invalidTarget: "invalid request target"
        case .authorityMismatch: "request target and host differ"
        case .lowVersion: "HTTP version below 1.1"
        case .unsupportedVersion: "unsupported HTTP version"
        case .http2Preface: "HTTP/2 preface on an HTTP/1.1 connection"
        case .malformedStatusLine: "malformed status line"
        case .bareLineFeed: "line feed without carriage return"
        case .bareCarriageReturn: "carriage return without line feed"
        case .foldedField: "folded field line"
        case .spaceBeforeColon: "white space before the colon of a field"
        case .missingColon: "field line without colon"
        case .emptyFieldName: "empty field name"
        case .invalidFieldName: "invalid character in a field name"
        case .invalidFieldValue: "control character in a field value"
        case .headTooLarge: "head too large"
        case .tooManyFields: "too many fields"
        case .unexpectedUnderscore: "underscore in a field name"
        case .missingHost: "no host"
        case .severalHosts: "several host fields"
        case .invalidHost: "invalid host"
        case .invalidConnectionField: "invalid connection field"
        case .invalidContentLength: "invalid content length"
        case .severalContentLengths: "several content lengths"
        case .contentLengthWithTransferEncoding: "content length together with transfer encoding"
        case .invalidTransferEncoding: "transfer encoding other than chunked"
        case .contentLengthNotAllowed: "content length where no content is allowed"
        case .transferEncodingNotAllowed: "transfer encoding where none is allowed"
        case .invalidChunkSize: "invalid chunk size"
        case .invalidChunkExtension: "invalid chunk extension"
        case .chunkLineTooLong: "chunk line too long"
        case .chunkOverhead: "chunk extensions outweigh the content"
        case .missingChunkLineEnd: "chunk without its line end"
        case .trailersTooLarge: "trailer section too large"
        case .forbiddenTrailer: "field not allowed in a trailer section"
        case .bodyTooLarge: "content too large"
        case .unsolicitedResponse: "response without a request"
        case .tooManyInformationalResponses: "too many informational responses"
        case .truncated: "connection closed inside a message"
        }
    }
}
