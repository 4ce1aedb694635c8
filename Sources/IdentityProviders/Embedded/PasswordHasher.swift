import Dispatch
public import KeyMaterial

/// Hashes passwords away from the threads that serve requests, few at a time: every hash takes 32 MiB and some 60 ms of a core, so an unbounded
/// number of them would be a way to bring the process down.
public actor PasswordHasher {
    /// More callers wait already than will be served in reasonable time.
    public struct Busy: Error, Sendable, Equatable {}

    /// A hash of the default cost that no password fits.
    static let hashOfNobody = "$scrypt$ln=\(PasswordHash.defaultLogRounds),r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$\(String(repeating: "A", count: 43))"

    private let maximumRunning: Int
    private let maximumWaiting: Int
    private let logRounds: Int
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// `logRounds` is for tests that hash a lot.
    public init(maximumRunning: Int = 2, maximumWaiting: Int = 64, logRounds: Int = PasswordHash.defaultLogRounds) {
        self.maximumRunning = max(1, maximumRunning)
        self.maximumWaiting = max(0, maximumWaiting)
        self.logRounds = logRounds
    }

    func make(password: String) async throws -> String {
        let logRounds = logRounds
        return try await run { Result { try PasswordHash.make(password: password, logRounds: logRounds) } }.get()
    }

    func verify(password: String, against stored: String) async throws -> Bool {
        try await run { PasswordHash.verify(password: password, against: stored) }
    }

    private func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
        if running < maximumRunning {
            running += 1
        } else {
            guard waiting.count < maximumWaiting else { throw Busy() }
            // Whoever ends hands its place over, so `running` stays as it is.
            await withCheckedContinuation { waiting.append($0) }
        }
        let value = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async { continuation.resume(returning: work()) }
        }
        if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
        return value
    }
}
