import HTTPWire
import LocalReplies
import Pages

/// The answers that the data plane itself gives: what happened, in words for the client, with the code detail of the access log.
enum ProxyReply {
    static func malformed(_ error: WireError) -> LocalReply {
        let title =
            switch error.status {
            case 413: "Content Too Large"
            case 414: "URI Too Long"
            case 426: "Upgrade Required"
            case 431: "Request Header Fields Too Large"
            case 501: "Not Implemented"
            case 505: "HTTP Version Not Supported"
            default: "Bad Request"
            }
        var reply = LocalReply(
            status: error.status, title: title, message: "The request cannot be understood: \(error.reason).", reasonCode: "malformed-request",
            detail: error.detail)
        if error.status == 426 { reply.headers = [("upgrade", "HTTP/1.1")] }
        return reply
    }

    static func badRequest(_ message: String, detail: String) -> LocalReply {
        LocalReply(status: 400, title: "Bad Request", message: message, reasonCode: "bad-request", detail: detail)
    }

    static let headTimeout = LocalReply(
        status: 408, title: "Request Timeout", message: "The request did not arrive in time.", reasonCode: "request-timeout",
        detail: "request_header_timeout")

    static let requestTimeout = LocalReply(
        status: 408, title: "Request Timeout", message: "The request did not arrive in time.", reasonCode: "request-timeout",
        detail: "request_overall_timeout")

    static let unknownClient = LocalReply(
        status: 403, title: "Forbidden", message: "The address of the client could not be determined.", reasonCode: "client-address-unknown",
        detail: "rejecting_because_detection_failed")

    static let notFound = LocalReply(
        status: 404, title: "Not Found", message: "There is no application at this address.", reasonCode: "route-not-found",
        detail: "route_not_found")

    static let routeUndecidable = LocalReply(
        status: 400, title: "Bad Request", message: "The path is too complex.", reasonCode: "path-too-complex", detail: "invalid_path")

    static let upgradeRefused = LocalReply(
        status: 403, title: "Forbidden", message: "This route does not allow the requested protocol upgrade.", reasonCode: "upgrade-not-allowed",
        detail: "upgrade_failed")

    static let contentTooLarge = LocalReply(
        status: 413, title: "Content Too Large", message: "The request is larger than this address accepts.", reasonCode: "content-too-large",
        detail: "request_payload_too_large")

    static let routeUnavailable = LocalReply(
        status: 503, title: "Service Unavailable", message: "This route is not available because its configuration has an error.",
        reasonCode: "route-unavailable", detail: "cluster_not_found")

    static let sessionEnded = LocalReply(
        status: 401, title: "Unauthenticated", message: "Your session has ended. Sign in again to go on.", reasonCode: "session-ended",
        detail: "downstream_local_disconnect(session_revoked)", headers: [("www-authenticate", "Pomerium")])

    static let policyChanged = LocalReply(
        status: 403, title: "Forbidden", message: "The access to this page was changed meanwhile. Try again.", reasonCode: "policy-changed",
        detail: "downstream_local_disconnect(policy_changed)")

    static let internalError = LocalReply(
        status: 500, title: "Internal Server Error", message: "Something went wrong here. Please try again.", reasonCode: "internal-error",
        detail: "internal_error")

    static let authorizationUnavailable = LocalReply(
        status: 503, title: "Service Unavailable", message: "The request could not be decided. Please try again.",
        reasonCode: "authorization-unavailable", detail: "authorization_unavailable", retryAfter: 5)

    static let streamIdle = LocalReply(
        status: 504, title: "Gateway Timeout", message: "Nothing was sent for too long.", reasonCode: "stream-idle-timeout",
        detail: "stream_idle_timeout", upstream: UpstreamFailure(.responseTimeout))

    static let durationExceeded = LocalReply(
        status: 408, title: "Request Timeout", message: "The request took too long.", reasonCode: "request-timeout",
        detail: "max_duration_timeout")

    static func upstream(_ fault: UpstreamFault) -> LocalReply {
        let title =
            switch fault.status {
            case 502: "Bad Gateway"
            case 504: "Gateway Timeout"
            default: "Service Unavailable"
            }
        return LocalReply(
            status: fault.status, title: title, message: fault.cause.text, reasonCode: fault.cause.rawValue, detail: fault.detail,
            upstream: UpstreamFailure(fault.cause))
    }
}
