public import HTTPEndpoints
public import HTTPTypes
import KeyMaterial
public import Routing
public import Sessions

/// `/.pomerium/user`: the claims of the identity assertion as JSON, without those about the token itself.
public struct UserClaimsEndpoint: ControlEndpoint {
    public let pattern = EndpointPattern(.exact("/.pomerium/user"))
    public let methods: [HTTPRequest.Method] = [.get]
    private let resolver: SessionResolver
    private let gate: SignInGate
    private let identity: IdentityForwarding

    /// `identity` gives the claims of `jwt_claims_headers`.
    public init(resolver: SessionResolver, settings: AuthorizeSettings, identity: IdentityForwarding) {
        self.resolver = resolver
        gate = SignInGate(settings)
        self.identity = identity
    }

    public func respond(to request: ControlRequest) async throws -> ControlResponse {
        guard let resolved = try await gate.session(of: request, resolver) else { return try gate.ask(request) }
        let active = ActiveSession(session: resolved.session, user: resolved.user)
        return .json(IdentityClaims(active: active, identity: identity).userDocument())
    }
}
