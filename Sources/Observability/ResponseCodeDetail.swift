/// A value of `response-code-details`: what ended a request. Access log, pages and JSON answers carry it; the names are those that searches and
/// dashboards know (reference: services section 5). A name may be followed by a reason in braces or parentheses, see ``with(reason:)``.
///
/// Every name that can be raised is a case; ``entry`` is the table. ``UnraisedResponseCode/all`` has the others.
public enum ResponseCodeDetail: String, Sendable, CaseIterable {
    // The application answered, or its place was taken.
    case viaUpstream = "via_upstream"
    case directResponse = "direct_response"
    case websocketHandshakeUnsuccessful = "websocket_handshake_unsuccessful"
    // Decided before any application was asked.
    case routeNotFound = "route_not_found"
    case clusterNotFound = "cluster_not_found"
    case authorizationDenied = "ext_authz_denied"
    case authorizationUnavailable = "authorization_unavailable"
    case upgradeFailed = "upgrade_failed"
    case clientDetectionFailed = "rejecting_because_detection_failed"
    case pathNormalizationFailed = "path_normalization_failed"
    case pathNormalizationRedirect = "path_normalization_redirect"
    case invalidPath = "invalid_path"
    case payloadTooLarge = "request_payload_too_large"
    case internalError = "internal_error"
    case overload = "overload"
    // The client's message.
    case missingHost = "missing_host_header"
    case absolutePathRejected = "absolute_path_rejected"
    case lowVersion = "low_version"
    case codecError = "http1.codec_error"
    case invalidURL = "http1.invalid_url"
    case invalidCharacters = "http1.invalid_characters"
    case headersTooLarge = "http1.headers_too_large"
    case tooManyHeaders = "http1.too_many_headers"
    case unexpectedUnderscore = "http1.unexpected_underscore"
    case connectionHeaderRejected = "http1.connection_header_rejected"
    case lengthAndChunked = "http1.content_length_and_chunked_not_allowed"
    case lengthNotAllowed = "http1.content_length_not_allowed"
    case invalidTransferEncoding = "http1.invalid_transfer_encoding"
    case transferEncodingNotAllowed = "http1.transfer_encoding_not_allowed"
    // Time.
    case requestHeaderTimeout = "request_header_timeout"
    case requestOverallTimeout = "request_overall_timeout"
    case streamIdleTimeout = "stream_idle_timeout"
    case maxDurationTimeout = "max_duration_timeout"
    case upstreamResponseTimeout = "upstream_response_timeout"
    case upstreamMaxStreamDuration = "upstream_max_stream_duration_reached"
    // The application did not answer.
    case noHealthyUpstream = "no_healthy_upstream"
    case resetBeforeResponse = "upstream_reset_before_response_started"
    case resetAfterResponse = "upstream_reset_after_response_started"
    // The client's connection ended.
    case downstreamRemoteDisconnect = "downstream_remote_disconnect"
    case downstreamLocalDisconnect = "downstream_local_disconnect"

    /// The name with its reason behind it, blanks as `_`: in braces for upstreams, in parentheses for the client's side, after a colon within.
    public func with(reason: String) -> String {
        let text = String(reason.map { $0 == " " ? "_" : $0 })
        return self == .downstreamLocalDisconnect ? "\(rawValue)(\(text))" : "\(rawValue){\(text)}"
    }

    /// Of a detail as logged, with or without a reason.
    public init?(detail: String) {
        self.init(rawValue: String(detail.prefix { $0 != "{" && $0 != "(" }))
    }

    /// The flag that goes with the name where nothing says otherwise.
    public var flags: String { entry.flags.first?.rawValue ?? "" }

    /// The status that goes with the name where nothing says otherwise; 0 where there is none of our own.
    public var status: Int { entry.statuses.first ?? 0 }
}
