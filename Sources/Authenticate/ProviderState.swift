import KeyMaterial
import Sessions

/// The `state` of one sign-in at an identity provider: everything that the way back needs, sealed.
///
/// It is bound to the browser by an attempt cookie whose digest it holds, and it never stops being readable: one that is too old starts the same
/// sign-in anew instead of ending in an error.
struct ProviderState: Sendable, Codable, Equatable {
    /// Seconds after which the sign-in is started anew.
    static let lifetime: Int64 = 24 * 3600

    var attemptID: String
    /// Nil ends on the authenticate host's own page.
    var target: SignInRequest?
    /// Counts also where there is no target.
    var restarts: Int
    var nonce: String
    var codeVerifier: String
    /// Unix seconds.
    var issuedAt: Int64
    var providerID: String
    /// ``RandomToken/digest(_:)`` of the attempt cookie's value.
    var secretDigest: String

    enum CodingKeys: String, CodingKey {
        case attemptID = "a"
        case target = "t"
        case restarts = "n"
        case nonce = "o"
        case codeVerifier = "v"
        case issuedAt = "i"
        case providerID = "p"
        case secretDigest = "d"
    }

    func sealed(with keys: KeyRing) throws -> String { try keys.seal(json: self, for: .providerState) }

    static func open(_ token: String, with keys: KeyRing) -> ProviderState? {
        keys.open(ProviderState.self, from: token, for: .providerState)
    }
}
