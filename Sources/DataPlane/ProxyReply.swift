import HTTPWire
import LocalReplies
import Observability
import Pages

/// The answers that the data plane itself gives: what happened, in words for the client. Status and flag are those of the detail's line in the table.
enum ProxyReply {
    static func malformed(_ error: WireError) -> LocalReply {
        var reply = LocalReply(
            status: error.status, title: title(error.status), message: "The request cannot be understood: \(error.reason).",
            reasonCode: "malformed-request", detail: error.detail, flags: ResponseFlag.downstreamProtocolError.rawValue)
        if error.status == 426 { reply.headers = [("upgrade", "HTTP/1.1")] }
        return reply
    }

    static let unexpectedUnderscore = reply(
        .unexpectedUnderscore, message: "Header names must not contain an underscore.", reasonCode: "bad-request")

    static let invalidPath = reply(.pathNormalizationFailed, message: "The path is not valid.", reasonCode: "bad-request")

    static let headTimeout = reply(.requestHeaderTimeout, message: "The request did not arrive in time.", reasonCode: "request-timeout")

    static let requestTimeout = reply(.requestOverallTimeout, message: "The request did not arrive in time.", reasonCode: "request-timeout")

    static let unknownClient = reply(
        .clientDetectionFailed, message: "The address of the client could not be determined.", reasonCode: "client-address-unknown")

    static let notFound = reply(.routeNotFound, message: "There is no application at this address.", reasonCode: "route-not-found")

    static let routeUndecidable = reply(.invalidPath, message: "The path is too complex.", reasonCode: "path-too-complex")

    static let upgradeRefused = reply(
        .upgradeFailed, message: "This route does not allow the requested protocol upgrade.", reasonCode: "upgrade-not-allowed")

    static let contentTooLarge = reply(
        .payloadTooLarge, message: "The request is larger than this address accepts.", reasonCode: "content-too-large")

    static let routeUnavailable = reply(
        .clusterNotFound, message: "This route is not available because its configuration has an error.", reasonCode: "route-unavailable")

    static let sessionEnded = LocalReply(
        status: 401, title: "Unauthenticated", message: "Your session has ended. Sign in again to go on.", reasonCode: "session-ended",
        detail: ResponseCodeDetail.downstreamLocalDisconnect.with(reason: "session_revoked"), headers: [("www-authenticate", "Pomerium")],
        // Trying again with the same credentials, which the flag suggests, would be of no use.
        grpcStatus: .unauthenticated)

    static let policyChanged = LocalReply(
        status: 403, title: "Forbidden", message: "The access to this page was changed meanwhile. Try again.", reasonCode: "policy-changed",
        detail: ResponseCodeDetail.downstreamLocalDisconnect.with(reason: "policy_changed"))

    static let internalError = reply(
        .internalError, message: "Something went wrong here. Please try again.", reasonCode: "internal-error")

    static let authorizationUnavailable = reply(
        .authorizationUnavailable, message: "The request could not be decided. Please try again.", reasonCode: "authorization-unavailable",
        retryAfter: 5)

    static let overload = reply(
        .overload, message: "There is no room for this request at the moment. Please try again soon.", reasonCode: "overload", retryAfter: 5)

    static let streamIdle = reply(
        .streamIdleTimeout, message: "Nothing was sent for too long.", reasonCode: "stream-idle-timeout", upstream: UpstreamFailure(.responseTimeout))

    static let durationExceeded = reply(.maxDurationTimeout, message: "The request took too long.", reasonCode: "request-timeout")

    static func upstream(_ fault: UpstreamFault) -> LocalReply {
        LocalReply(
            status: fault.status, title: title(fault.status), message: fault.cause.text, reasonCode: fault.cause.rawValue, detail: fault.detail,
            upstream: UpstreamFailure(fault.cause), flags: fault.flags)
    }

    private static func reply(
        _ detail: ResponseCodeDetail, message: String, reasonCode: String, upstream: UpstreamFailure? = nil, retryAfter: Int? = nil
    ) -> LocalReply {
        LocalReply(
            status: detail.status, title: title(detail.status), message: message, reasonCode: reasonCode, detail: detail.rawValue,
            upstream: upstream, retryAfter: retryAfter)
    }

    private static func title(_ status: Int) -> String {
        switch status {
        case 403: "Forbidden"
        case 404: "Not Found"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 426: "Upgrade Required"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Bad Request"
        }
    }
}
