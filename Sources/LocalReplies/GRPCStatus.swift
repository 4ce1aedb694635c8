import Observability

/// gRPC status codes (grpc/grpc doc/statuscodes.md).
public enum GRPCStatus: Int, Sendable {
    case canceled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case permissionDenied = 7
    case resourceExhausted = 8
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case unauthenticated = 16

    /// From the flag that the access log has, which says more than a status does.
    init?(flag: ResponseFlag) {
        guard let status = flag.grpcStatus.flatMap(Self.init(rawValue:)) else { return nil }
        self = status
    }

    /// From an HTTP status (grpc/grpc doc/http-grpc-status-mapping.md); 408 as 504.
    public init(httpStatus: Int) {
        switch httpStatus {
        case 400, 431: self = .internal
        case 401: self = .unauthenticated
        case 403, 450, 495: self = .permissionDenied
        case 404: self = .unimplemented
        case 408, 504: self = .deadlineExceeded
        case 429, 502, 503: self = .unavailable
        default: self = .unknown
        }
    }

    /// `grpc-message` is percent-encoded outside printable ASCII.
    public static func encodeMessage(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                out += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return out
    }
}
