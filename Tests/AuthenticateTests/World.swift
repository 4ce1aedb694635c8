import Authenticate
import HTTPEndpoints
import HTTPTypes
import IdentityProviders
import KeyMaterial
import Records
import Sessions

/// An installation with the routes `a.test` and `b.test`, its storage and its clock. It can be restarted in the middle of everything.
final class World {
    static let authority = "auth.test"

    let clock = ManualClock()
    let store: MemoryStore
    let stub = StubProvider()
    let cookies = CookieSettings()
    let secret = RootSecret.random()
    let usesEmbedded: Bool
    var signOutRedirectURL: String?
    private(set) var keys: KeyRing
    private(set) var router = EndpointRouter([], authenticateHost: World.authority)
    private(set) var directory: LocalUserDirectory

    init(embedded: Bool = false, configure: (World) -> Void = { _ in }) throws {
        usesEmbedded = embedded
        store = MemoryStore(clock: clock.wall)
        keys = KeyRing(writing: try require(RootSecret(secret)))
        directory = LocalUserDirectory(store: store, hasher: PasswordHasher(logRounds: 10), clock: clock.wall)
        configure(self)
        try restart()
    }

    var settings: AuthenticateSettings!

    /// A new process on the same secret and store.
    func restart() throws {
        keys = KeyRing(writing: try require(RootSecret(secret)))
        directory = LocalUserDirectory(store: store, hasher: PasswordHasher(logRounds: 10), clock: clock.wall)
        var provider: any IdentityProvider = stub
        var embeddedEndpoints: [any ControlEndpoint] = []
        if usesEmbedded {
            let embedded = try EmbeddedProvider(
                authority: Self.authority, cookies: cookies, keys: keys, store: store, clock: clock.wall, directory: directory,
                throttle: SignInThrottle(clock: clock.wall))
            provider = try embedded.identityProvider()
            embeddedEndpoints = embedded.endpoints
        }
        settings = AuthenticateSettings(
            authority: Self.authority, cookies: cookies, providers: [provider], defaultProviderID: provider.id,
            embeddedProviderID: usesEmbedded ? provider.id : nil, signOutRedirectURL: signOutRedirectURL,
            isKnownHost: { ["a.test", "b.test", World.authority].contains($0) })
        let endpoints = authenticateEndpoints(settings: settings, keys: keys, store: store, clock: clock.wall) + embeddedEndpoints
        let application = RouteHost(
            resolver: SessionResolver(store: store, keys: keys, cookies: cookies, clock: clock.wall), providerID: provider.id)
        router = EndpointRouter(endpoints + [application, AuthenticateHome()], authenticateHost: Self.authority)
    }

    func sessions() async throws -> [Session] { try await store.list(Session.self) }
}

/// Stands for the data plane with an application behind: signed in, it shows the path; signed out, it sends to sign-in.
struct RouteHost: ControlEndpoint {
    let resolver: SessionResolver
    let providerID: String

    var pattern: EndpointPattern { EndpointPattern(.prefix("/"), on: .routes) }
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        if let found = try await resolver.routeSession(of: request) {
            return .text("\(request.host)\(request.target) for \(found.user?.email ?? "?")")
        }
        var cookie: ResponseCookie?
        let browser: String
        if let value = request.cookies(named: resolver.cookies.browserName).first {
            browser = value
        } else {
            browser = RandomToken.text()
            cookie = ResponseCookie(name: resolver.cookies.browserName, value: browser, maxAge: 365 * 86_400)
        }
        let target = SignInRequest(
            redirectURL: "https://\(request.authority)\(request.target)", callbackAuthority: request.authority,
            browserDigest: RandomToken.digest(browser), providerID: providerID)
        var response = ControlResponse.redirect(
            to: try SignInLocation.url(for: target, authenticateAuthority: World.authority, keys: resolver.keys))
        if let cookie { response.setCookie(cookie) }
        return response
    }
}

struct AuthenticateHome: ControlEndpoint {
    var pattern: EndpointPattern { EndpointPattern(.exact("/.pomerium/"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse { .text("home") }
}

struct MissingValue: Error {}

func require<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw MissingValue() }
    return value
}
