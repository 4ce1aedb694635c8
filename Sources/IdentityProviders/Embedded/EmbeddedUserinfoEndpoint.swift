import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records

/// `/.pomerium/idp/userinfo` (OpenID Connect Core section 5.3) for bearers of an access token of the embedded provider.
struct EmbeddedUserinfoEndpoint: ControlEndpoint {
    let provider: EmbeddedProvider

    var pattern: EndpointPattern { EndpointPattern(.exact("\(EmbeddedProvider.path)/userinfo"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get, .post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        let words = (request.headers[.authorization] ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return unauthorized("Bearer") }
        guard let token = EmbeddedAccessToken.open(String(words[1]), with: provider.keys, now: provider.clock.seconds),
            let user = try await provider.directory.user(email: token.email), user.subject == token.subject,
            user.passwordStamp == token.passwordStamp
        else { return unauthorized("Bearer error=\"invalid_token\"") }
        return .json(try JSONValue.object(user.claims(for: token.scopes)).encoded())
    }

    private func unauthorized(_ challenge: String) -> ControlResponse {
        var response = ControlResponse.json(Array("{\"error\":\"invalid_token\"}".utf8), status: .unauthorized)
        response.headers[.wwwAuthenticate] = challenge
        return response
    }
}
