import NIOCore
import Observability
import Pages

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why there is no answer from the application before its head: the page's cause, and status, detail and flag of the access log
/// (reference: services sections 5.2 and 5.4).
struct UpstreamFault: Error, Sendable {
    var cause: UpstreamFailure.Cause
    var status: Int
    var detail: String
    var flags: String

    /// `flag` is that of the table where it is not given.
    private init(_ cause: UpstreamFailure.Cause, _ code: ResponseCodeDetail, reason: String? = nil, flag: ResponseFlag? = nil, status: Int? = nil) {
        self.cause = cause
        self.status = status ?? code.status
        detail = reason.map { code.with(reason: $0) } ?? code.rawValue
        flags = flag?.rawValue ?? code.flags
    }

    private static func beforeResponse(
        _ cause: UpstreamFailure.Cause, _ reason: String, flag: ResponseFlag = .upstreamConnectionFailure, status: Int? = nil
    ) -> UpstreamFault {
        UpstreamFault(cause, .resetBeforeResponse, reason: reason, flag: flag, status: status)
    }

    static let connectTimeout = beforeResponse(.connectTimeout, "connection_timeout")
    static let terminated = beforeResponse(.connectionReset, "connection_termination", flag: .upstreamClosed)
    static let protocolError = beforeResponse(.invalidResponse, "protocol_error", flag: .upstreamProtocolError, status: 502)
    static let overflow = beforeResponse(.overloaded, "overflow", flag: .overflow)
    static let responseTimeout = UpstreamFault(.responseTimeout, .upstreamResponseTimeout)
    static let noTargets = UpstreamFault(.noHealthyDestination, .noHealthyUpstream)

    static func nameNotFound(_ reason: String) -> UpstreamFault {
        UpstreamFault(.nameNotFound, .noHealthyUpstream, reason: "dns:\(reason)")
    }

    static func tls(_ failure: UpstreamTLSFailure) -> UpstreamFault {
        beforeResponse(failure.cause, "connection_failure|TLS_error:\(failure.text)")
    }

    /// A TCP connection could not be made.
    static func connect(_ error: any Error) -> UpstreamFault {
        if case .connectTimeout? = error as? ChannelError { return .connectTimeout }
        guard let io = error as? IOError else { return beforeResponse(.unreachable, "connection_failure") }
        switch io.errnoCode {
        case ECONNREFUSED:
            return beforeResponse(.connectionRefused, "remote_connection_failure|delayed_connect_error:_Connection_refused")
        case ENOENT:
            return beforeResponse(.connectionRefused, "connection_failure|delayed_connect_error:_No_such_file_or_directory")
        case ETIMEDOUT: return .connectTimeout
        case ENETUNREACH:
            return beforeResponse(.unreachable, "remote_connection_failure|delayed_connect_error:_Network_is_unreachable")
        case EHOSTUNREACH:
            return beforeResponse(.unreachable, "remote_connection_failure|delayed_connect_error:_No_route_to_host")
        default: return beforeResponse(.unreachable, "remote_connection_failure")
        }
    }
}
