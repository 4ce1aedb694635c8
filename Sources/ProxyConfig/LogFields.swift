/// The fields that `access_log_fields` and `authorize_log_fields` may name (reference: configuration section 2.14).
public enum LogFields {
    public static let accessDefaults = [
        "upstream-cluster", "method", "authority", "path", "user-agent", "referer", "forwarded-for", "request-id", "duration", "size",
        "response-code", "response-code-details",
    ]
    static let accessFurther = ["client-certificate", "cluster-stat-name", "ip", "query"]

    public static let authorizeDefaults = [
        "request-id", "check-request-id", "method", "path", "host", "ip", "session-id", "impersonate-session-id", "impersonate-user-id",
        "impersonate-email", "removed-groups-count", "service-account-id", "user", "email", "envoy-route-checksum", "envoy-route-id",
        "route-checksum", "route-id",
    ]
    static let authorizeFurther = [
        "body", "cluster-stat-name", "headers", "id-token", "id-token-claims", "mcp-method", "mcp-tool", "mcp-tool-parameters", "query",
    ]

    static func isAccessField(_ name: String) -> Bool { isField(name, of: accessDefaults + accessFurther) }

    static func isAuthorizeField(_ name: String) -> Bool { isField(name, of: authorizeDefaults + authorizeFurther) }

    /// `headers.<Name>` stands for any request header.
    private static func isField(_ name: String, of known: [String]) -> Bool {
        known.contains(name) || (name.hasPrefix("headers.") && name.utf8.count > 8)
    }
}
