import NIOCore
public import NIOSSL
import Synchronization

/// The TLS side of a listener for one ``CertificateStore``: TLS 1.2 and 1.3, the certificate chosen by server name.
///
/// Making one parses nothing and reads no file, so it may be made anywhere; making a handler is cheap.
public struct ServerTLS: Sendable {
    /// For TLS 1.2; the suites of TLS 1.3 are fixed.
    static let cipherSuites = [
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    public let context: NIOSSLContext
    public let store: CertificateStore

    init(store: CertificateStore, context: NIOSSLContext) {
        self.store = store
        self.context = context
    }

    /// The handler to put first into the pipeline of a new connection.
    public func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: context)
    }
}

extension CertificateStore {
    /// `alpn` in order of preference, for example `["h2", "http/1.1"]`.
    public func makeServerTLS(alpn: [String]) throws -> ServerTLS {
        let first = certificates[0]
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: first.chain.map { .certificate($0) }, privateKey: .privateKey(first.privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.maximumTLSVersion = .tlsv13
        configuration.cipherSuites = ServerTLS.cipherSuites
        configuration.applicationProtocols = alpn
        // For the client's answer to our goodbye. The memory of a connection is held as long, also where the client is gone meanwhile.
        configuration.shutdownTimeout = .seconds(1)
        if certificates.count > 1 {
            let overrides = certificates.map { certificate in
                var override = NIOSSLContextConfigurationOverride()
                override.certificateChain = certificate.chain.map { .certificate($0) }
                override.privateKey = .privateKey(certificate.privateKey)
                return override
            }
            configuration.sslContextCallback = { [self] hello, promise in
                switch index(forServerName: hello.serverHostname) {
                case nil, 0: promise.succeed(.noChanges)
                case let index?: promise.succeed(overrides[index])
                }
            }
        }
        return ServerTLS(store: self, context: try NIOSSLContext(configuration: configuration))
    }
}

/// Holds the current ``ServerTLS`` of a listener. New connections take the current one; running ones keep theirs.
public final class ServerTLSSlot: Sendable {
    private let state: Mutex<ServerTLS>

    public init(_ tls: ServerTLS) {
        state = Mutex(tls)
    }

    public var current: ServerTLS { state.withLock { $0 } }

    public func replace(with tls: ServerTLS) {
        state.withLock { $0 = tls }
    }
}
