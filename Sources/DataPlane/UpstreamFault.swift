import NIOCore
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
    var status = 503
    var detail: String
    var flags: String

    static func beforeResponse(_ cause: UpstreamFailure.Cause, _ reason: String, flags: String, status: Int = 503) -> UpstreamFault {
        UpstreamFault(cause: cause, status: status, detail: "upstream_reset_before_response_started{\(Self.grammar(reason))}", flags: flags)
    }

    static let connectTimeout = beforeResponse(.connectTimeout, "connection_timeout", flags: "UF")
    static let terminated = beforeResponse(.connectionReset, "connection_termination", flags: "UC")
    static let protocolError = beforeResponse(.invalidResponse, "protocol_error", flags: "UPE", status: 502)
    static let overflow = beforeResponse(.overloaded, "overflow", flags: "UO")
    static let responseTimeout = UpstreamFault(cause: .responseTimeout, status: 504, detail: "upstream_response_timeout", flags: "UT")
    static let noTargets = UpstreamFault(cause: .noHealthyDestination, detail: "no_healthy_upstream", flags: "UH")

    static func nameNotFound(_ reason: String) -> UpstreamFault {
        UpstreamFault(cause: .nameNotFound, detail: "no_healthy_upstream{dns:\(grammar(reason))}", flags: "UH")
    }

    static func tls(_ failure: UpstreamTLSFailure) -> UpstreamFault {
        beforeResponse(failure.cause, "connection_failure|TLS_error:\(failure.text)", flags: "UF")
    }

    /// A TCP connection could not be made.
    static func connect(_ error: any Error) -> UpstreamFault {
        if case .connectTimeout? = error as? ChannelError { return .connectTimeout }
        guard let io = error as? IOError else { return beforeResponse(.unreachable, "connection_failure", flags: "UF") }
        switch io.errnoCode {
        case ECONNREFUSED:
            return beforeResponse(.connectionRefused, "remote_connection_failure|delayed_connect_error:_Connection_refused", flags: "UF")
        case ENOENT:
            return beforeResponse(.connectionRefused, "connection_failure|delayed_connect_error:_No_such_file_or_directory", flags: "UF")
        case ETIMEDOUT: return .connectTimeout
        case ENETUNREACH:
            return beforeResponse(.unreachable, "remote_connection_failure|delayed_connect_error:_Network_is_unreachable", flags: "UF")
        case EHOSTUNREACH:
            return beforeResponse(.unreachable, "remote_connection_failure|delayed_connect_error:_No_route_to_host", flags: "UF")
        default: return beforeResponse(.unreachable, "remote_connection_failure", flags: "UF")
        }
    }

    /// Reasons have no spaces.
    private static func grammar(_ text: String) -> String { String(text.map { $0 == " " ? "_" : $0 }) }
}
