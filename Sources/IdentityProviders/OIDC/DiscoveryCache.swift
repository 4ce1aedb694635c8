import HTTPTypes
import Records

/// The provider's description of itself: fetched when first needed, by one task for all who wait.
///
/// Good for an hour. A newer one that cannot be fetched leaves the old one in place, and failures are not repeated at once: the pause doubles
/// from one second up to thirty, and who asks meanwhile is told the last failure.
actor DiscoveryCache {
    static let lifetime: Int64 = 3600
    static let longestPause: Int64 = 30

    private let url: String
    private let checksIssuer: Bool
    private let transport: any HTTPTransport
    private let clock: WallClock

    private var document: DiscoveryDocument?
    private var freshUntil: Int64 = 0
    private var failures = 0
    private var lastFailure: IdentityProviderError?
    private var pausedUntil: Int64 = 0
    private var running: Task<Result<DiscoveryDocument, IdentityProviderError>, Never>?

    /// `url` is the issuer as configured.
    init(url: String, checksIssuer: Bool, transport: any HTTPTransport, clock: WallClock) {
        self.url = url
        self.checksIssuer = checksIssuer
        self.transport = transport
        self.clock = clock
    }

    func current() async throws -> DiscoveryDocument {
        let now = clock.seconds
        if let document, now < freshUntil { return document }
        if now < pausedUntil {
            if let document { return document }
            if let lastFailure { throw lastFailure }
        }
        let task = running ?? startFetching()
        switch await task.value {
        case .success(let fetched): return fetched
        case .failure(let error):
            if let document { return document }
            throw error
        }
    }

    private func startFetching() -> Task<Result<DiscoveryDocument, IdentityProviderError>, Never> {
        let (url, checksIssuer, transport) = (url, checksIssuer, transport)
        let task = Task { () -> Result<DiscoveryDocument, IdentityProviderError> in
            let result: Result<DiscoveryDocument, IdentityProviderError>
            do {
                let address = DiscoveryDocument.withoutFinalSlash(url) + "/.well-known/openid-configuration"
                let members = try await ProviderAnswer.object(from: transport, TransportRequest(url: address, headers: [.accept: "application/json"]))
                result = .success(try DiscoveryDocument(members, configuredURL: url, checksIssuer: checksIssuer))
            } catch let error as IdentityProviderError {
                result = .failure(error)
            } catch {
                result = .failure(.unreachable("\(error)"))
            }
            finish(result)
            return result
        }
        running = task
        return task
    }

    private func finish(_ result: Result<DiscoveryDocument, IdentityProviderError>) {
        running = nil
        let now = clock.seconds
        switch result {
        case .success(let fetched):
            document = fetched
            freshUntil = now + Self.lifetime
            failures = 0
            lastFailure = nil
            pausedUntil = 0
        case .failure(let error):
            pausedUntil = now + min(1 << min(failures, 5), Self.longestPause)
            failures += 1
            lastFailure = error
        }
    }
}
