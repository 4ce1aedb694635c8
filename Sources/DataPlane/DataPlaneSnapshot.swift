public import HTTPEndpoints
public import LocalReplies
public import NIOSSL
public import Observability
public import Pages
public import Routing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Everything that a request may look at, immutable. A request takes the current one once and keeps it until its end.
public final class DataPlaneSnapshot: Sendable {
    public let routes: RouteTable
    public let settings: DataPlaneSettings
    /// The product's own pages and APIs.
    public let controlRouter: EndpointRouter
    /// The server context of a new client connection, which chooses certificates by SNI itself; nil where TLS ends elsewhere.
    public let serverTLS: (@Sendable () -> NIOSSLContext)?
    /// The client context for a route's `https` upstreams. Must give the same object for equal settings: connections are shared by it.
    public let upstreamTLS: @Sendable (CompiledRoute, _ offersHTTP2: Bool) throws -> NIOSSLContext
    /// Names the cause of a failed TLS handshake with an upstream, from the error and the certificate that it showed, if any.
    public let classifyUpstreamTLSFailure: @Sendable (any Error, NIOSSLCertificate?) -> UpstreamTLSFailure
    /// Where `builtin://NAME` destinations listen, by name.
    public let builtinTargets: [String: BuiltinTarget]
    public let renderer: LocalReplyRenderer
    /// Serialised `Name: value\r\n` lines for every answer of our own.
    public let localResponseLines: [UInt8]
    /// Makes the authorizer of an event loop: called once for every loop and snapshot, the object stays on its loop.
    public let makeAuthorizer: @Sendable (LogBuffer) -> any RequestAuthorizer

    /// An application of this process on a loopback port.
    public struct BuiltinTarget: Sendable, Hashable {
        public var host: String
        public var port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    public init(
        routes: RouteTable, settings: DataPlaneSettings, controlRouter: EndpointRouter, serverTLS: (@Sendable () -> NIOSSLContext)?,
        upstreamTLS: @escaping @Sendable (CompiledRoute, _ offersHTTP2: Bool) throws -> NIOSSLContext,
        classifyUpstreamTLSFailure: @escaping @Sendable (any Error, NIOSSLCertificate?) -> UpstreamTLSFailure = {
            UpstreamTLSFailure.classify($0, peer: $1)
        },
        builtinTargets: [String: BuiltinTarget] = [:], renderer: LocalReplyRenderer = LocalReplyRenderer(), localResponseLines: [UInt8] = [],
        makeAuthorizer: @escaping @Sendable (LogBuffer) -> any RequestAuthorizer
    ) {
        self.routes = routes
        self.settings = settings
        self.controlRouter = controlRouter
        self.serverTLS = serverTLS
        self.upstreamTLS = upstreamTLS
        self.classifyUpstreamTLSFailure = classifyUpstreamTLSFailure
        self.builtinTargets = builtinTargets
        self.renderer = renderer
        self.localResponseLines = localResponseLines
        self.makeAuthorizer = makeAuthorizer
    }
}

/// Why a TLS handshake with an upstream failed.
public struct UpstreamTLSFailure: Sendable {
    /// One of the certificate causes, or `handshake`.
    public var cause: UpstreamFailure.Cause
    /// For the response code detail: a short phrase.
    public var text: String

    public init(_ cause: UpstreamFailure.Cause, text: String) {
        self.cause = cause
        self.text = text
    }

    /// What the TLS library alone can tell.
    public static func classify(_ error: any Error, peer: NIOSSLCertificate? = nil) -> UpstreamTLSFailure {
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            return UpstreamTLSFailure(.certificateName, text: "CERTIFICATE_VERIFY_FAILED:SAN_matcher")
        }
        guard String(describing: error).contains("CERTIFICATE_VERIFY_FAILED") else {
            return UpstreamTLSFailure(.handshake, text: "handshake_failure")
        }
        let now = time(nil)
        if let peer, now < peer.notValidBefore || now > peer.notValidAfter {
            return UpstreamTLSFailure(.certificateExpired, text: "CERTIFICATE_VERIFY_FAILED:certificate_has_expired")
        }
        return UpstreamTLSFailure(.certificateUntrusted, text: "CERTIFICATE_VERIFY_FAILED")
    }
}
