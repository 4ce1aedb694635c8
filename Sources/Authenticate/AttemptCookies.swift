import HTTPEndpoints
import KeyMaterial
import Sessions

/// The cookies that bind sign-ins under way to the browser: one per attempt, so that any number of tabs may sign in side by side.
struct AttemptCookies: Sendable {
    /// More would fill the request head; the oldest go, and their tabs start anew when they come back.
    static let maximum = 20
    /// Names and values of all attempts together; the rest of a request head of 16 KiB, a common limit, stays free.
    static let maximumBytes = 8 * 1024
    static let lifetime: Int64 = 24 * 3600

    let cookies: CookieSettings

    /// Ids sort by the time they were made.
    static func newID(now: Int64) -> String {
        let hex = String(UInt64(clamping: now), radix: 16)
        return String(repeating: "0", count: max(0, 10 - hex.count)) + hex
            + RandomToken.bytes(8).map { byte in
                let hex = String(byte, radix: 16)
                return hex.count == 1 ? "0" + hex : hex
            }.joined()
    }

    /// The cookie of a new attempt, and removals of the oldest ones beyond the limits.
    func begin(_ id: String, value: String, crossSite: Bool, request: ControlRequest) -> [ResponseCookie] {
        var present: [String: Int] = [:]
        for (name, value) in request.allCookies where name.hasPrefix(cookies.attemptPrefix) {
            present[name, default: 0] += name.utf8.count + value.utf8.count
        }
        var names = present.keys.sorted()[...]
        var bytes = present.values.reduce(value.utf8.count, +)
        var lines: [ResponseCookie] = []
        while names.count >= Self.maximum || bytes > Self.maximumBytes, let oldest = names.popFirst() {
            bytes -= present[oldest] ?? 0
            lines.append(.removal(of: oldest))
        }
        lines.append(
            ResponseCookie(
                name: cookies.attemptPrefix + id, value: value, maxAge: Self.lifetime, sameSite: crossSite ? ResponseCookie.SameSite.none : .lax))
        return lines
    }

    /// The value of the cookie of this attempt, when this browser began it.
    func value(for state: ProviderState, in request: ControlRequest) -> AttemptCookieValue? {
        request.cookies(named: cookies.attemptPrefix + state.attemptID).lazy.map { AttemptCookieValue($0) }.first {
            RandomToken.constantTimeEquals(Array(RandomToken.digest($0.secret).utf8), Array(state.secretDigest.utf8))
        }
    }

    func end(_ state: ProviderState) -> ResponseCookie {
        .removal(of: cookies.attemptPrefix + state.attemptID)
    }
}

/// What an attempt cookie holds: a secret, and the target's address where that is too long for a `state`.
struct AttemptCookieValue: Sendable, Equatable {
    /// Longer addresses travel in the cookie: some identity providers refuse request lines beyond 4 KiB.
    static let maximumStateURL = 1200
    /// With name and attributes below what browsers keep of one cookie, 4096 bytes.
    private static let maximumSealed = 3700

    var secret: String
    /// Sealed for the attempt.
    var longURL: String?

    init(secret: String) {
        self.secret = secret
    }

    /// As it came from a browser.
    init(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        secret = parts.first.map(String.init) ?? ""
        longURL = parts.count > 1 ? String(parts[1]) : nil
    }

    var text: String { longURL.map { "\(secret).\($0)" } ?? secret }

    /// Takes a long address over from the target, which keeps the part of it that fits: without query, or the origin.
    mutating func takeLongURL(of target: inout SignInRequest, attemptID: String, keys: KeyRing) throws {
        guard target.redirectURL.utf8.count > Self.maximumStateURL else { return }
        let sealed = try keys.seal(Array(target.redirectURL.utf8), for: .providerState, context: attemptID)
        if sealed.utf8.count <= Self.maximumSealed { longURL = sealed }
        let path = target.redirectURL.prefix { $0 != "?" }
        target.redirectURL =
            path.utf8.count <= Self.maximumStateURL
            ? String(path) : SignInLocation.origin(of: target.redirectURL).map { $0 + "/" } ?? "https://\(target.callbackAuthority)/"
    }

    /// The target with its whole address.
    func completing(_ target: SignInRequest?, attemptID: String, keys: KeyRing) -> SignInRequest? {
        guard var target, let longURL, let bytes = keys.open(longURL, for: .providerState, context: attemptID) else { return target }
        target.redirectURL = String(decoding: bytes, as: UTF8.self)
        return target
    }
}
