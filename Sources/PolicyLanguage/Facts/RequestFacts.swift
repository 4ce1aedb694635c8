/// Everything a policy may look at, for one request.
///
/// Cheap to make on an event loop: texts are ranges of the request's bytes, and what belongs to session, connection or data state is a shared reference.
public struct RequestFacts: Sendable {
    /// Facts of an SSH session that asks for access.
    public struct SSH: Sendable, Hashable {
        /// The user name that the client asks for.
        public var username: FactText
        /// The key or certificate that the client offers, in the wire form of RFC 4253 section 6.6.
        public var publicKey: [UInt8]

        public init(username: FactText, publicKey: [UInt8] = []) {
            self.username = username
            self.publicKey = publicKey
        }
    }

    /// Facts of a Model Context Protocol message.
    public struct MCP: Sendable, Hashable {
        /// The JSON-RPC method; empty where the request carries none.
        public var method: FactText
        /// The tool of a `tools/call`.
        public var tool: FactText?

        public init(method: FactText, tool: FactText? = nil) {
            self.method = method
            self.tool = tool
        }
    }

    /// Nil for an anonymous request, and where the session given to `init` had expired.
    public let principal: Principal?
    public var method: FactText
    /// Normalised, percent-decoded once, without the query. Empty on SSH.
    public var path: FactText
    public var host: FactText
    public var query: FactText
    public var headers: HeaderFacts
    /// The downstream address after forwarding headers were judged; nil if it could not be determined, which matches no range.
    public var clientAddress: IPAddress?
    /// Nil if the client presented none.
    public var clientCertificate: ClientCertificateFacts?
    /// Whether an authority for client certificates is configured for the route. Without one no certificate, and none at all, is invalid.
    public var hasClientAuthority: Bool
    public let now: UnixTime
    public var ssh: SSH?
    public var mcp: MCP?
    public var directoryRecords: DirectoryRecords?

    @inlinable
    public init(
        principal: Principal? = nil, method: FactText = .empty, path: FactText = .empty, host: FactText = .empty, query: FactText = .empty,
        headers: HeaderFacts = .none, clientAddress: IPAddress? = nil, clientCertificate: ClientCertificateFacts? = nil,
        hasClientAuthority: Bool = true, now: UnixTime,
        ssh: SSH? = nil, mcp: MCP? = nil, directoryRecords: DirectoryRecords? = nil
    ) {
        self.principal = principal.flatMap { $0.isUsable(at: now) ? $0 : nil }
        self.method = method
        self.path = path
        self.host = host
        self.query = query
        self.headers = headers
        self.clientAddress = clientAddress
        self.clientCertificate = clientCertificate
        self.hasClientAuthority = hasClientAuthority
        self.now = now
        self.ssh = ssh
        self.mcp = mcp
        self.directoryRecords = directoryRecords
    }
}
