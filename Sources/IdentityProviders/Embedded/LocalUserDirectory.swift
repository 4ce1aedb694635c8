import Foundation
import KeyMaterial
public import Records

/// The people of the embedded provider.
public struct LocalUserDirectory: Sendable {
    /// Characters (grapheme clusters) of the shortest password.
    public static let minimumPasswordLength = 8

    private let store: any RecordStore
    private let hasher: PasswordHasher
    private let clock: WallClock

    public init(store: any RecordStore, hasher: PasswordHasher, clock: WallClock) {
        self.store = store
        self.hasher = hasher
        self.clock = clock
    }

    /// Throws ``LocalUserError``, ``PasswordHasher/Busy``, or a storage fault.
    @discardableResult
    public func add(email: String, name: String = "", groups: [String] = [], password: String) async throws -> LocalUser {
        let email = try Self.validated(email)
        let hash = try await hash(password)
        let user = LocalUser(
            subject: RandomToken.text(), email: email, name: name, groups: groups, passwordHash: hash, passwordChangedAt: clock.seconds)
        guard try await store.insertIfAbsent(user) else { throw LocalUserError.alreadyExists(email) }
        return user
    }

    /// Everybody, in the order of their addresses.
    public func list() async throws -> [LocalUser] {
        var users: [LocalUser] = []
        while true {
            let page = try await store.list(LocalUser.self, after: users.last?.recordID, limit: 1000)
            users += page
            if page.count < 1000 { return users }
        }
    }

    public func user(email: String) async throws -> LocalUser? {
        try await store.get(LocalUser.self, id: Self.normalized(email))
    }

    /// Also ends all sessions of the person; false when there was none of that address.
    @discardableResult
    public func remove(email: String) async throws -> Bool {
        guard let user = try await user(email: email) else { return false }
        let removed = try await store.delete(LocalUser.self, id: user.email)
        try await endSessions(of: user)
        return removed
    }

    /// Also ends all sessions of the person.
    public func setPassword(email: String, password: String) async throws {
        guard try await user(email: email) != nil else { throw LocalUserError.unknown(Self.normalized(email)) }
        let hash = try await hash(password)
        // Read again: hashing takes long enough for somebody else to have changed or removed the user.
        guard var user = try await user(email: email) else { throw LocalUserError.unknown(Self.normalized(email)) }
        user.passwordHash = hash
        user.passwordChangedAt = clock.seconds
        try await store.put(user)
        try await endSessions(of: user)
    }

    /// Replaces name and groups, and ends all sessions so that the next sign-in, which needs no form, brings the new ones.
    public func update(email: String, name: String, groups: [String]) async throws {
        guard var user = try await user(email: email) else { throw LocalUserError.unknown(Self.normalized(email)) }
        user.name = name
        user.groups = groups
        try await store.put(user)
        try await endSessions(of: user)
    }

    /// The user whom this password belongs to. An unknown address takes as long as a wrong password.
    ///
    /// Throws ``PasswordHasher/Busy`` when too many wait already, or a storage fault.
    public func verify(email: String, password: String) async throws -> LocalUser? {
        let user = try await user(email: email)
        let fits = try await hasher.verify(password: password, against: user?.passwordHash ?? PasswordHasher.hashOfNobody)
        return fits ? user : nil
    }

    /// Lower case, without surrounding white space: the key of a user.
    public static func normalized(_ email: String) -> String {
        email.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    }

    private static func validated(_ text: String) throws -> String {
        let email = normalized(text)
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard email.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].utf8.count), !parts[1].isEmpty,
            email.unicodeScalars.allSatisfy({ $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) && !$0.properties.isWhitespace }),
            !email.contains(where: { "<>()[]\\,;:\"".contains($0) }),
            parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") })
        else { throw LocalUserError.invalidEmail(String(text.prefix(254))) }
        return email
    }

    private func hash(_ password: String) async throws -> String {
        guard password.count >= Self.minimumPasswordLength, password.utf8.count <= PasswordHash.maximumPasswordBytes else {
            throw LocalUserError.invalidPassword
        }
        return try await hasher.make(password: password)
    }

    private func endSessions(of user: LocalUser) async throws {
        var after: String?
        while true {
            let page = try await store.list(Session.self, after: after, limit: 1000)
            for session in page where session.userID == user.subject {
                try await store.delete(Session.self, id: session.id)
            }
            guard page.count == 1000, let last = page.last else { return }
            after = last.id
        }
    }
}

public enum LocalUserError: Error, Sendable, Equatable, CustomStringConvertible {
    case invalidEmail(String)
    case invalidPassword
    case alreadyExists(String)
    case unknown(String)

    public var description: String {
        switch self {
        case .invalidEmail(let email): "not an e-mail address: \(email)"
        case .invalidPassword:
            "a password needs at least \(LocalUserDirectory.minimumPasswordLength) characters and at most \(PasswordHash.maximumPasswordBytes) bytes"
        case .alreadyExists(let email): "there is a user \(email) already"
        case .unknown(let email): "there is no user \(email)"
        }
    }
}
