import KeyMaterial

/// What a route host asks of the authenticate host: "this browser signs out".
struct SignOutRequest: Sendable, Codable, Equatable {
    static let parameter = "pomerium_request"
    /// Seconds; an older one makes the person confirm.
    static let lifetime: Int64 = 300

    /// ``EndedSession``; nil where the route host knew of no session.
    var endedSessionID: String?
    /// Unix seconds.
    var issuedAt: Int64

    func sealed(with keys: KeyRing) throws -> String { try keys.seal(json: self, for: .signOutRequest) }

    static func open(_ token: String, with keys: KeyRing, now: Int64) -> SignOutRequest? {
        keys.open(SignOutRequest.self, from: token, for: .signOutRequest).flatMap { now < $0.issuedAt + lifetime ? $0 : nil }
    }
}
