import DataPlane
import Diagnostics
import HTTPEndpoints
import HTTPWire
import LocalReplies
import NIOSSL
import Observability
import ProxyConfig
import Routing

extension DataPlaneSnapshot {
    /// The data plane's view of a configuration.
    convenience init(
        config: ConfigSnapshot, router: EndpointRouter, certificates: ServerCertificates, upstream: UpstreamContexts,
        renderer: LocalReplyRenderer, builtinTargets: [String: BuiltinTarget],
        makeAuthorizer: @escaping @Sendable (LogBuffer) -> any RequestAuthorizer
    ) {
        self.init(
            routes: config.table, settings: DataPlaneSettings(config), controlRouter: router,
            serverTLS: config.settings.insecureServer ? nil : certificates.serverContext,
            upstreamTLS: { try upstream.context(for: $0, offersHTTP2: $1) }, classifyUpstreamTLSFailure: UpstreamContexts.classify,
            builtinTargets: builtinTargets, renderer: renderer, localResponseLines: Self.lines(config.settings.responseHeaders),
            makeAuthorizer: makeAuthorizer)
    }

    private static func lines(_ headers: [HeaderSetting]) -> [UInt8] {
        var builder = HeadBuilder()
        for header in headers { _ = builder.field(named: header.name, header.value) }
        return builder.bytes
    }
}

extension DataPlaneSettings {
    init(_ config: ConfigSnapshot) {
        let settings = config.settings
        self.init()
        requestReadTimeout = settings.timeoutRead
        connectionIdleTimeout = settings.timeoutIdle
        requiresProxyProtocol = settings.useProxyProtocol
        maxConnections = min(settings.maxClientConnections, OpenFiles.roomForClients)
        maxConnectionsPerAddress = settings.maxClientConnectionsPerAddress ?? max(1, maxConnections / 2)
        streamDurationLimit = settings.timeoutWrite
        underscoreNames = UnderscoreNames(rawValue: settings.headersWithUnderscoresAction.rawValue) ?? .reject
        pathNormalizer = settings.pathNormalizer
        trustedHops = settings.xffNumTrustedHops
        skipsForwardedForAppend = settings.skipXFFAppend
        accessLogFields = settings.accessLogFields.compactMap { AccessLogField(rawValue: $0) }
        logsProbes = settings.logLevel <= .debug
        authenticateHost = config.authenticateURL.host
        names.family = NameResolution.Family(rawValue: settings.dnsLookupFamily.rawValue) ?? .v4Preferred
        names.refreshRate = settings.dnsRefreshRate
        names.failureRefreshRate = settings.dnsFailureRefreshRate ?? settings.dnsRefreshRate
        names.queryTimeout = settings.dnsQueryTimeout
    }
}
