public import Records
import Synchronization

/// Sessions in memory, shared by all event loops, in front of the record store.
///
/// A revocation reaches it through the store's change feed: the entry goes and ``epoch`` grows, at which every loop drops what it had copied.
/// When the store fails, sessions already known keep working and unknown ones are ``SessionLookup/unavailable(_:)``; nobody is taken for signed out.
public final class SessionDirectory: Sendable {
    /// Entries kept; beyond it the ones loaded longest ago go and are read from the store when they come again.
    public static let capacity = 100_000

    fileprivate struct State {
        var sessions: [String: ActiveSession] = [:]
        /// Session ids by user id, so that a change of a user reaches their sessions.
        var byUser: [String: Set<String>] = [:]
        var order: [String] = []
        /// Sessions being read from the store right now, and whether a change of theirs arrived meanwhile.
        var reading: [String: (readers: Int, isStale: Bool)] = [:]
    }

    private let state = Mutex(State())
    private let revocations = Atomic<UInt64>(1)
    private let store: any RecordStore
    private let clock: WallClock

    public init(store: any RecordStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Grows whenever something that a loop may have copied is no longer true.
    public var epoch: UInt64 { revocations.load(ordering: .acquiring) }

    /// Sessions in memory.
    public var count: Int { state.withLock { $0.sessions.count } }

    /// The session if it is in memory and still valid.
    public func known(_ id: String, at now: Int64) -> ActiveSession? {
        state.withLock { $0.sessions[id] }.flatMap { $0.isValid(at: now) ? $0 : nil }
    }

    /// From memory, else from the store.
    public func load(_ id: String) async -> SessionLookup {
        if let active = known(id, at: clock.seconds) { return .active(active) }
        for _ in 0..<Self.maximumReads {
            state.withLock { $0.reading[id, default: (0, false)].readers += 1 }
            let found: ActiveSession?
            do {
                found = try await read(id)
            } catch {
                _ = state.withLock { $0.finishReading(id) }
                return .unavailable("\(error)")
            }
            let isCurrent = state.withLock { state -> Bool in
                guard !state.finishReading(id) else { return false }
                if let found { state.insert(found) }
                return true
            }
            if isCurrent { return found.map { .active($0) } ?? .missing }
        }
        return .unavailable("the session changes faster than it can be read")
    }

    /// Reads of one session that a change may overtake before the attempt is given up.
    private static let maximumReads = 5

    private func read(_ id: String) async throws -> ActiveSession? {
        guard let session = try await store.get(Session.self, id: id), session.isValid(at: clock.seconds) else { return nil }
        return ActiveSession(session: session, user: try await store.get(User.self, id: session.userID))
    }

    /// Follows the store until the feed ends; run as a service for the life of the process.
    public func followChanges() async throws {
        for await change in try await store.changes() { apply(change) }
    }

    /// Applies one change of the store.
    public func apply(_ change: RecordChange) {
        switch change {
        case .overflow:
            state.withLock { state in
                let reading = state.reading.mapValues { (readers: $0.readers, isStale: true) }
                state = State()
                state.reading = reading
            }
            revocations.add(1, ordering: .acquiringAndReleasing)
        case .changed(let record):
            let affected = state.withLock { state -> Bool in
                switch record.type {
                case Session.recordType: state.remove(record.id)
                case User.recordType: state.removeUser(record.id)
                default: false
                }
            }
            if affected { revocations.add(1, ordering: .acquiringAndReleasing) }
        }
    }
}

extension SessionDirectory.State {
    /// Whether a change arrived since the reading began.
    fileprivate mutating func finishReading(_ id: String) -> Bool {
        guard let entry = reading[id] else { return false }
        reading[id] = entry.readers > 1 ? (entry.readers - 1, entry.isStale) : nil
        return entry.isStale
    }

    fileprivate mutating func insert(_ active: ActiveSession) {
        let id = active.session.id
        if sessions.updateValue(active, forKey: id) == nil { order.append(id) }
        byUser[active.session.userID, default: []].insert(id)
        guard order.count > SessionDirectory.capacity else { return }
        let oldest = order.prefix(SessionDirectory.capacity / 10)
        order.removeFirst(oldest.count)
        for id in oldest { _ = remove(id) }
    }

    /// Whether there was such a session.
    fileprivate mutating func remove(_ id: String) -> Bool {
        if let entry = reading[id] { reading[id] = (entry.readers, true) }
        guard let active = sessions.removeValue(forKey: id) else { return false }
        byUser[active.session.userID]?.remove(id)
        if byUser[active.session.userID]?.isEmpty == true { byUser[active.session.userID] = nil }
        return true
    }

    fileprivate mutating func removeUser(_ userID: String) -> Bool {
        // Whose session is being read is not known before it is there.
        reading = reading.mapValues { (readers: $0.readers, isStale: true) }
        guard let ids = byUser.removeValue(forKey: userID) else { return false }
        for id in ids { sessions[id] = nil }
        return true
    }
}

/// What became of looking for a session.
public enum SessionLookup: Sendable {
    case active(ActiveSession)
    /// Deleted, expired or never there.
    case missing
    /// The store is out of order; the text is for the log.
    case unavailable(String)
}
