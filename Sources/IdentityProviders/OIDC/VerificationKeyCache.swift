import HTTPTypes
import Records

/// The provider's published keys. A token that none of them verifies makes them be fetched anew, at most every ten seconds, so that a rotation
/// is noticed at once and a flood of forged tokens is not passed on to the provider.
actor VerificationKeyCache {
    static let refetchPause: Int64 = 10
    /// Keys of a set beyond this many are not looked at.
    static let maximumKeys = 64

    private let transport: any HTTPTransport
    private let clock: WallClock
    private var keys: [VerificationKey] = []
    private var url: String?
    private var fetchedAt: Int64?
    private var generation = 0
    private var running: Task<Result<[VerificationKey], IdentityProviderError>, Never>?

    init(transport: any HTTPTransport, clock: WallClock) {
        self.transport = transport
        self.clock = clock
    }

    /// The keys as known, with a number that tells one fetch from the next.
    func current(at url: String) async throws -> (keys: [VerificationKey], generation: Int) {
        if self.url != url || fetchedAt == nil { try await fetch(url) }
        return (keys, generation)
    }

    /// Newer keys than those of `generation`; nil when it is too early to ask again.
    func newer(than generation: Int, at url: String) async throws -> [VerificationKey]? {
        if self.generation != generation { return keys }
        if let fetchedAt, clock.seconds < fetchedAt + Self.refetchPause { return nil }
        try await fetch(url)
        return keys
    }

    private func fetch(_ url: String) async throws {
        let transport = transport
        let task =
            running
            ?? Task { () -> Result<[VerificationKey], IdentityProviderError> in
                let result: Result<[VerificationKey], IdentityProviderError>
                do {
                    let members = try await ProviderAnswer.object(from: transport, TransportRequest(url: url, headers: [.accept: "application/json"]))
                    guard case .array(let list)? = members["keys"] else {
                        throw IdentityProviderError.misconfigured("\(ProviderAnswer.shown(url)) is not a JWK set")
                    }
                    result = .success(
                        list.prefix(Self.maximumKeys).compactMap { if case .object(let key) = $0 { VerificationKey(key) } else { nil } })
                } catch let error as IdentityProviderError {
                    result = .failure(error)
                } catch {
                    result = .failure(.unreachable("\(error)"))
                }
                finish(result, url: url)
                return result
            }
        running = task
        _ = try await task.value.get()
    }

    private func finish(_ result: Result<[VerificationKey], IdentityProviderError>, url: String) {
        running = nil
        // A failed fetch keeps the old keys and counts for the pause.
        if case .success(let fetched) = result {
            keys = fetched
            self.url = url
            generation += 1
            fetchedAt = clock.seconds
        } else if fetchedAt != nil {
            fetchedAt = clock.seconds
        }
    }
}
