public import HTTPWire

/// What is known of a request when it is over. One line each, whatever happened.
public struct AccessLogRecord: Sendable {
    public var requestID: [UInt8]
    public var method = ByteView.empty
    public var authority = ByteView.empty
    /// As received, without query.
    public var path = ByteView.empty
    public var query = ByteView.empty
    public var userAgent = ByteView.empty
    /// Without query.
    public var referer = ByteView.empty
    public var forwardedFor = ByteView.empty
    public var clientAddress: String
    public var routeID: String?
    public var routeName: String?
    /// Bytes of the response's body sent to the client.
    public var bytesSent: Int64 = 0
    public var bytesReceived: Int64 = 0
    /// 0 when the client left before there was an answer.
    public var status = 0
    /// `response-code-details`, see the table in the operations guide.
    public var detail = ""
    public var flags = ""
    /// Nanoseconds.
    public var duration: Int64 = 0
    public var upstreamAddress = ""
    public var sessionID: String?
    public var userID: String?
    public var email: String?
    public var protocolName: StaticString = "HTTP/1.1"

    public init(requestID: [UInt8], clientAddress: String) {
        self.requestID = requestID
        self.clientAddress = clientAddress
    }
}

/// Fields of the access line, by the names of `access_log_fields`.
public enum AccessLogField: String, Sendable, CaseIterable {
    case upstreamCluster = "upstream-cluster"
    case method, authority, path
    case userAgent = "user-agent"
    case referer
    case forwardedFor = "forwarded-for"
    case requestID = "request-id"
    case duration, size
    case responseCode = "response-code"
    case responseCodeDetails = "response-code-details"
    case ip, query
    case clusterStatName = "cluster-stat-name"

    public static let defaults: [AccessLogField] = [
        .upstreamCluster, .method, .authority, .path, .userAgent, .referer, .forwardedFor, .requestID, .duration, .size, .responseCode,
        .responseCodeDetails,
    ]
}

extension LogBuffer {
    /// `"message":"http-request"` with the configured fields in their order, then what a reader always needs: route, client address, user.
    public func access(_ record: AccessLogRecord, fields: [AccessLogField], at nanoseconds: Int64, isProbe: Bool = false) {
        line(isProbe ? "debug" : "info", at: nanoseconds) { writer in
            writer.key("service")
            writer.string("proxy" as StaticString)
            writer.key("message")
            writer.string("http-request" as StaticString)
            for field in fields { record.write(field, to: &writer) }
            if !fields.contains(.ip) { record.write(.ip, to: &writer) }
            if let route = record.routeName {
                writer.key("route-name")
                writer.string(route)
            }
            if let route = record.routeID {
                writer.key("route-id")
                writer.string(route)
            }
            if !record.flags.isEmpty {
                writer.key("response-flags")
                writer.string(record.flags)
            }
            if !record.upstreamAddress.isEmpty {
                writer.key("upstream-host")
                writer.string(record.upstreamAddress)
            }
            if let session = record.sessionID {
                writer.key("session-id")
                writer.string(session)
            }
            if let user = record.userID {
                writer.key("user")
                writer.string(user)
            }
            if let email = record.email {
                writer.key("email")
                writer.string(email)
            }
        }
    }
}

extension AccessLogRecord {
    fileprivate func write(_ field: AccessLogField, to writer: inout JSONWriter) {
        switch field {
        case .upstreamCluster:
            writer.key("upstream-cluster")
            writer.string(routeName ?? "")
        case .method:
            writer.key("method")
            writer.string(method)
        case .authority:
            writer.key("authority")
            writer.string(authority)
        case .path:
            writer.key("path")
            writer.string(path)
        case .userAgent:
            writer.key("user-agent")
            writer.string(userAgent)
        case .referer:
            writer.key("referer")
            writer.string(referer)
        case .forwardedFor:
            writer.key("forwarded-for")
            writer.string(forwardedFor)
        case .requestID:
            writer.key("request-id")
            writer.string(ByteView(requestID))
        case .duration:
            writer.key("duration")
            writer.thousandths(duration / 1000)
        case .size:
            writer.key("size")
            writer.int(bytesSent)
        case .responseCode:
            writer.key("response-code")
            writer.int(Int64(status))
        case .responseCodeDetails:
            writer.key("response-code-details")
            writer.string(detail)
        case .ip:
            writer.key("ip")
            writer.string(clientAddress)
        case .query:
            writer.key("query")
            writer.string(query)
        case .clusterStatName:
            writer.key("cluster-stat-name")
            writer.string(routeName ?? "")
        }
    }
}
