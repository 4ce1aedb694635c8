extension ResponseCodeDetail {
    /// One line of the table.
    public struct Entry: Sendable {
        /// Who raises it, and so whose tests have to.
        public enum Source: Sendable, Equatable {
            case dataPlane
            case authorizer
        }

        /// Statuses that it is logged with, the usual one first; empty where the status is somebody else's.
        public var statuses: [Int]
        /// Flags that it may be logged with, the usual one first.
        public var flags: [ResponseFlag]
        public var source: Source
        /// One phrase for the reference.
        public var meaning: String
        /// What may stand behind the name.
        public var reasons: String?

        init(_ statuses: [Int], _ flags: [ResponseFlag], by source: Source = .dataPlane, _ meaning: String, reasons: String? = nil) {
            self.statuses = statuses
            self.flags = flags
            self.source = source
            self.meaning = meaning
            self.reasons = reasons
        }
    }

    public var entry: Entry {
        switch self {
        case .viaUpstream: Entry([], [], "the application answered")
        case .directResponse: Entry([], [], "a `redirect` or `response` route, or one of the product's own pages")
        case .websocketHandshakeUnsuccessful: Entry([], [], "the application answered a WebSocket handshake otherwise than by switching")

        case .routeNotFound: Entry([404], [.noRoute], "no route has this host and path")
        case .clusterNotFound: Entry([503], [.noCluster], "the route has an error in its configuration, or a request does not fit its rewrites")
        case .authorizationDenied:
            Entry([302, 401, 403, 404, 450, 495, 200], [.authorization], by: .authorizer, "the policy says no, or wants a sign-in first")
        case .authorizationUnavailable: Entry([503], [.authorization], by: .authorizer, "the session could not be looked up")
        case .upgradeFailed: Entry([403], [], "the route does not allow this `Upgrade`, or `CONNECT`")
        case .clientDetectionFailed: Entry([403], [], "fewer `X-Forwarded-For` entries than `xff_num_trusted_hops`")
        case .pathNormalizationFailed: Entry([400], [], "the path has escaped slashes, broken escapes, or climbs above its root")
        case .pathNormalizationRedirect: Entry([307], [], "the path had escaped slashes and is asked for again without")
        case .invalidPath: Entry([400], [], "an expression of a route takes too long for this path")
        case .payloadTooLarge: Entry([413], [], "more than one of the product's own pages accepts")
        case .internalError: Entry([500], [], "a fault of the product; the log has more under the request id")
        case .overload: Entry([503], [.overload], "the process is at its `memory_limit`")

        case .missingHost: Entry([400], [.downstreamProtocolError], "no `Host`")
        case .absolutePathRejected: Entry([400], [.downstreamProtocolError], "the request target names another host than `Host`")
        case .lowVersion: Entry([426], [.downstreamProtocolError], "HTTP/1.0 or older")
        case .codecError: Entry([400, 501, 505], [.downstreamProtocolError], "the request is not HTTP/1.1; the message says where")
        case .invalidURL: Entry([400, 414], [.downstreamProtocolError], "the request target or the host is not valid, or too long")
        case .invalidCharacters: Entry([400], [.downstreamProtocolError], "a character that a header must not have")
        case .headersTooLarge: Entry([431], [.downstreamProtocolError], "a head of more than 128 KiB")
        case .tooManyHeaders: Entry([431], [.downstreamProtocolError], "more than 1000 headers")
        case .unexpectedUnderscore: Entry([400], [.downstreamProtocolError], "`_` in a header name, see `headers_with_underscores_action`")
        case .connectionHeaderRejected: Entry([400], [.downstreamProtocolError], "`Connection` is not a list of names")
        case .lengthAndChunked: Entry([400], [.downstreamProtocolError], "`Content-Length` together with `Transfer-Encoding`")
        case .lengthNotAllowed: Entry([400], [.downstreamProtocolError], "`Content-Length` where there can be no content")
        case .invalidTransferEncoding: Entry([400], [.downstreamProtocolError], "a `Transfer-Encoding` other than `chunked`")
        case .transferEncodingNotAllowed: Entry([400], [.downstreamProtocolError], "`Transfer-Encoding` where there can be no content")

        case .requestHeaderTimeout: Entry([408], [.downstreamProtocolError], "the head did not arrive within `timeout_read`")
        case .requestOverallTimeout: Entry([408], [.durationTimeout], "the request did not arrive within `timeout_read`")
        case .streamIdleTimeout: Entry([504, 408], [.streamIdle], "nothing moved for the route's `idle_timeout`; 408 while the client was sending")
        case .maxDurationTimeout: Entry([408], [.durationTimeout], "`timeout_write` is over")
        case .upstreamResponseTimeout: Entry([504], [.upstreamTimeout], "the route's `timeout` is over before the answer began")
        case .upstreamMaxStreamDuration:
            Entry([], [.upstreamDurationReached], "the route's `timeout` is over in the middle of the answer, which is cut")

        case .noHealthyUpstream:
            Entry([503], [.noHealthyUpstream], "no address of the application can be used", reasons: "`{dns:…}` what the resolver said")
        case .resetBeforeResponse:
            Entry(
                [503, 502], [.upstreamConnectionFailure, .upstreamClosed, .overflow, .upstreamProtocolError],
                "no connection, or no answer on it; 502 for what is not HTTP",
                reasons: """
                    `connection_failure`, `remote_connection_failure` (both also with `|` and the words of the transport, such as `TLS_error:…` or \
                    `delayed_connect_error:…`), `connection_timeout`, `connection_termination`, `overflow`, `protocol_error`
                    """)
        case .resetAfterResponse:
            Entry(
                [], [.upstreamClosed, .upstreamProtocolError], "the application broke off in the middle of its answer, which is cut",
                reasons: "`connection_termination`, `protocol_error`")

        case .downstreamRemoteDisconnect: Entry([0], [.downstreamClosed], "the client left; the status of an answer under way, else 0")
        case .downstreamLocalDisconnect:
            Entry(
                [0, 401], [.downstreamClosed], "the product ended a request under way",
                reasons:
                    "`session_revoked`: the session is over (401 before an answer began); `drain`: the process stops; `overload`: it is above its `memory_limit`"
            )
        }
    }
}

/// A name that readers of other products' documentation look for and that is never raised here.
public struct UnraisedResponseCode: Sendable {
    public var name: String
    /// What is there in its place, or why nothing is.
    public var instead: String

    public static let all: [UnraisedResponseCode] = [
        .init(name: "route_configuration_not_found", instead: "listeners open when there is a configuration"),
        .init(name: "maintenance_mode", instead: "there is no such switch"),
        .init(name: "internal_redirect", instead: "answers of applications are never followed"),
        .init(name: "missing_path_rejected", instead: "`http1.codec_error`"),
        .init(name: "request_headers_failed_strict_check", instead: "`x-envoy-…` headers of clients mean nothing here"),
        .init(name: "response_payload_too_large", instead: "answers are not held back, whatever their length"),
        .init(name: "request_payload_exceeded_retry_buffer_limit", instead: "requests with content are not tried again"),
        .init(name: "duration_timeout", instead: "connections have no longest life"),
        .init(name: "upstream_per_try_timeout", instead: "`timeout` covers all tries: `upstream_response_timeout`"),
        .init(name: "upstream_per_try_idle_timeout", instead: "`stream_idle_timeout`"),
        .init(name: "response_timeout", instead: "`upstream_response_timeout`"),
        .init(name: "downstream_header_timeout", instead: "`request_header_timeout`"),
        .init(name: "early_connect_data", instead: "what follows the head of an upgrade is passed on after the switch"),
        .init(name: "filter_chain_not_found", instead: "a name without certificate gets the default one"),
        .init(name: "drop_overload", instead: "nothing is dropped by chance"),
        .init(name: "unconditional_drop_overload", instead: "nothing is dropped by chance"),
        .init(name: "ext_authz_error", instead: "`authorization_unavailable`"),
        .init(name: "filter_added_invalid_request_data", instead: "`internal_error`"),
        .init(name: "filter_added_invalid_response_data", instead: "`internal_error`"),
        .init(name: "filter_removed_required_request_headers", instead: "refused when the configuration is read"),
        .init(name: "filter_removed_required_response_headers", instead: "refused when the configuration is read"),
        .init(name: "admin_filter_response", instead: "the health port writes no access lines"),
        .init(name: "request_rate_limited", instead: "there is no limit of rates"),
        .init(name: "rate_limiter_error", instead: "there is no limit of rates"),
        .init(name: "http1.body_disallowed", instead: "`http1.content_length_not_allowed`, `http1.transfer_encoding_not_allowed`"),
    ]
}
