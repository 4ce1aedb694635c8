public import HTTPWire

/// What is known of a request when it is over. One line each, whatever happened.
public struct AccessLogRecord: Sendable {
    public var requestID: [UInt8]
    /// Path and query are logged as received, apart from each other, and a referer without its query.
    public var head: RequestHead
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

    public init(requestID: [UInt8], head: RequestHead, clientAddress: String) {
        self.requestID = requestID
        self.head = head
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
        begin(isProbe ? "debug" : "info", at: nanoseconds)
        record.write(fields, to: &writer)
        end()
    }
}

extension AccessLogRecord {
    fileprivate func write(_ fields: [AccessLogField], to writer: inout JSONWriter) {
        writer.key("service")
        writer.string("proxy" as StaticString)
        writer.key("message")
        writer.string("http-request" as StaticString)
        for field in fields { write(field, to: &writer) }
        if !fields.contains(.ip) { write(.ip, to: &writer) }
        Self.member("route-name", routeName, of: &writer)
        Self.member("route-id", routeID, of: &writer)
        if !flags.isEmpty { Self.member("response-flags", flags, of: &writer) }
        if !upstreamAddress.isEmpty { Self.member("upstream-host", upstreamAddress, of: &writer) }
        Self.member("session-id", sessionID, of: &writer)
        Self.member("user", userID, of: &writer)
        Self.member("email", email, of: &writer)
    }

    private var referer: ByteView {
        guard let referer = head.first(.referer) else { return .empty }
        return referer.firstIndex(of: UInt8(ascii: "?")).map { referer.slice(0..<$0) } ?? referer
    }

    /// Left out where there is nothing to say.
    private static func member(_ name: StaticString, _ value: String?, of writer: inout JSONWriter) {
        guard let value else { return }
        writer.key(name)
        writer.string(value)
    }

    fileprivate func write(_ field: AccessLogField, to writer: inout JSONWriter) {
        switch field {
        case .upstreamCluster:
            writer.key("upstream-cluster")
            writer.string(routeName ?? "")
        case .method:
            writer.key("method")
            writer.string(head.methodView)
        case .authority:
            writer.key("authority")
            writer.string(head.hostView)
        case .path:
            writer.key("path")
            writer.string(head.pathView)
        case .userAgent:
            writer.key("user-agent")
            writer.string(head.first(.userAgent) ?? .empty)
        case .referer:
            writer.key("referer")
            writer.string(referer)
        case .forwardedFor:
            writer.key("forwarded-for")
            writer.string(head.first(.xForwardedFor) ?? .empty)
        case .requestID:
            writer.key("request-id")
            writer.plain(requestID)
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
            writer.string(head.queryView)
        case .clusterStatName:
            writer.key("cluster-stat-name")
            writer.string(routeName ?? "")
        }
    }
}
