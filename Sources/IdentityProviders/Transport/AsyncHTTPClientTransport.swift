import AsyncHTTPClient
import Foundation
import HTTPTypes
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Sessions
import Synchronization

/// Asks over the network: TLS verified, no answer taken longer than ten seconds or larger than 1 MiB.
///
/// Names under `localhost` are loopback (RFC 6761 section 6.3) whatever the resolver says, so that a provider at `https://id.localhost` works.
public final class AsyncHTTPClientTransport: HTTPTransport {
    /// Seconds for the whole exchange, connection included.
    public static let timeout: Int64 = 10
    /// Bytes of a response body.
    public static let maximumBody = 1 << 20
    /// Redirects followed within one origin, for GET alone.
    public static let maximumRedirects = 3

    /// Names under `localhost` that get a client of their own; more are left to the resolver.
    private static let maximumLoopbackNames = 32

    private let client: HTTPClient
    private let configuration: HTTPClient.Configuration
    private let logger: Logger
    /// The client library maps host names one by one, so each name under `localhost` has a client that maps it. Nil after shutdown.
    private let loopbackClients = Mutex<[String: HTTPClient]?>([:])

    /// `extraCertificateAuthorities` are PEM texts trusted beside the system's. Of `loopbackHosts` those under `localhost` share one client;
    /// others under `localhost` are found as well.
    ///
    /// Throws where a certificate cannot be read. Call ``shutdown()`` before letting go of it.
    public init(extraCertificateAuthorities: [String] = [], loopbackHosts: [String] = [], logger: Logger) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if !extraCertificateAuthorities.isEmpty {
            let certificates = try extraCertificateAuthorities.flatMap { try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)) }
            tls.additionalTrustRoots = [.certificates(certificates)]
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(Self.timeout / 2), read: .seconds(Self.timeout)))
        configuration.httpVersion = .http1Only
        for host in loopbackHosts + ["localhost"] where Self.isLoopbackName(host) { configuration.dnsOverride[host.lowercased()] = "127.0.0.1" }
        self.configuration = configuration
        self.logger = logger
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration, backgroundActivityLogger: logger)
    }

    /// True for `localhost` and the names under it.
    public static func isLoopbackName(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host.hasSuffix(".localhost")
    }

    public func shutdown() async throws {
        let others = loopbackClients.withLock { clients in
            defer { clients = nil }
            return clients ?? [:]
        }
        for other in others.values { try await other.shutdown() }
        try await client.shutdown()
    }

    /// The client that finds this URL's host.
    private func client(for url: String) -> HTTPClient {
        let authority = url.components(separatedBy: "://").dropFirst().first?.prefix { !"/?#".contains($0) } ?? ""
        let host = SignInLocation.host(ofAuthority: String(authority))
        guard Self.isLoopbackName(host), configuration.dnsOverride[host] == nil else { return client }
        return loopbackClients.withLock { clients in
            guard let known = clients else { return client }
            if let found = known[host] { return found }
            guard known.count < Self.maximumLoopbackNames else { return client }
            var mapped = configuration
            mapped.dnsOverride[host] = "127.0.0.1"
            let made = HTTPClient(eventLoopGroupProvider: .singleton, configuration: mapped, backgroundActivityLogger: logger)
            clients?[host] = made
            return made
        }
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        var request = request
        for _ in 0...Self.maximumRedirects {
            let response = try await sendOnce(request)
            guard request.method == .get, [301, 302, 303, 307, 308].contains(response.status),
                let location = response.headers[.location], let next = Self.sameOrigin(location, as: request.url)
            else { return response }
            request.url = next
        }
        throw TransportError("\(Self.shown(request.url)) redirects too often")
    }

    private func sendOnce(_ request: TransportRequest) async throws -> TransportResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        if !request.body.isEmpty { outgoing.body = .bytes(ByteBuffer(bytes: request.body)) }
        do {
            let response = try await client(for: request.url).execute(outgoing, timeout: .seconds(Self.timeout))
            var body = try await response.body.collect(upTo: Self.maximumBody)
            var headers = HTTPFields()
            for (name, value) in response.headers {
                if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
            }
            return TransportResponse(status: Int(response.status.code), headers: headers, body: body.readBytes(length: body.readableBytes) ?? [])
        } catch is NIOTooManyBytesError {
            throw TransportError("the answer of \(Self.shown(request.url)) is larger than \(Self.maximumBody) bytes")
        } catch let error as CancellationError {
            throw error
        } catch {
            throw TransportError("\(Self.shown(request.url)): \(error)")
        }
    }

    /// Without query: it may hold secrets.
    private static func shown(_ url: String) -> String {
        String(url.prefix { $0 != "?" && $0 != "#" }.prefix(200))
    }

    static func sameOrigin(_ location: String, as url: String) -> String? {
        guard let scheme = url.range(of: "://") else { return nil }
        let origin = url[..<(url[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex)]
        if location.hasPrefix("/"), !location.hasPrefix("//") { return origin + location }
        guard location.hasPrefix(origin) else { return nil }
        let next = location.dropFirst(origin.count).first
        return next == nil || next == "/" || next == "?" ? location : nil
    }
}
