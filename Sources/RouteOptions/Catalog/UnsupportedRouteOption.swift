/// A key of a route that operators bring along and this version does not act on.
public struct UnsupportedRouteOption: Sendable {
    public enum Verdict: Sendable, Equatable {
        /// Leaving it out would let in the wrong people, or weaken what protects them.
        case refused
        /// The route works without it.
        case passedOver
        /// It no longer exists anywhere; the help says what took its place.
        case removed(help: String)
    }

    public var key: String
    public var verdict: Verdict
    /// What is missing without it.
    public var effect: String

    static let all: [UnsupportedRouteOption] = [
        .init(key: "bearer_token_format", verdict: .refused, effect: "bearer tokens are passed to the application untouched"),
        .init(key: "identity_providers", verdict: .refused, effect: "tokens of other issuers are not accepted"),
        .init(key: "idp_client_id", verdict: .refused, effect: "all routes sign in with the one client of the global settings"),
        .init(key: "idp_client_secret", verdict: .refused, effect: "all routes sign in with the one client of the global settings"),
        .init(key: "idp_access_token_allowed_audiences", verdict: .refused, effect: "access tokens are not accepted as bearer tokens"),
        .init(key: "tls_downstream_client_ca", verdict: .refused, effect: "client certificates are not asked for"),
        .init(key: "tls_downstream_client_ca_file", verdict: .refused, effect: "client certificates are not asked for"),
        .init(key: "sub_policies", verdict: .refused, effect: "only policy decides"),
        .init(key: "mcp", verdict: .refused, effect: "the route does not speak MCP"),
        .init(key: "upstream_tunnel", verdict: .refused, effect: "the upstream cannot open a tunnel of its own"),
        .init(key: "session_recording", verdict: .refused, effect: "nothing is recorded"),
        .init(
            key: "enable_google_cloud_serverless_authentication", verdict: .refused,
            effect: "no token of Google is added, so the upstream will refuse"),
        .init(key: "depends_on", verdict: .passedOver, effect: "each host signs in by itself"),
        .init(key: "tls_downstream_server_name", verdict: .passedOver, effect: "the route is served under the name in from alone"),
        .init(key: "tls_upstream_allow_renegotiation", verdict: .passedOver, effect: "TLS renegotiation is refused"),
        .init(key: "regex_priority_order", verdict: .passedOver, effect: "routes are tried in the order of the file"),
        .init(
            key: "allowed_groups", verdict: .removed(help: "write policy: [{allow: {or: [{groups: {has: GROUP}}]}}]"),
            effect: "groups are not looked at"),
        .init(
            key: "set_authorization_header",
            verdict: .removed(help: "write set_request_headers: {Authorization: \"Bearer ${pomerium.id_token}\"}"), effect: "no header is set"),
    ]
}
