import Foundation
import HTTPEndpoints
import HTTPTypes
import KeyMaterial
import Records

/// `/.pomerium/idp/token` (RFC 6749 section 4.1.3 with RFC 7636 section 4.6).
struct EmbeddedTokenEndpoint: ControlEndpoint {
    /// Seconds for which an ID token counts; it is read once, at sign-in.
    static let idTokenLifetime: Int64 = 600

    let provider: EmbeddedProvider

    var pattern: EndpointPattern { EndpointPattern(.exact("\(EmbeddedProvider.path)/token"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.post] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        let form = request.formParameters
        guard let client = authenticatedClient(request, form) else {
            var response = refuse("invalid_client", "the client id or its secret is not right", status: .unauthorized)
            response.headers[.wwwAuthenticate] = "Basic realm=\"token\""
            return response
        }
        let names = form.pairs.map(\.name)
        guard Set(names).count == names.count else { return refuse("invalid_request", "a parameter is given twice") }
        guard let grantType = form["grant_type"] else { return refuse("invalid_request", "grant_type is missing") }
        guard grantType == "authorization_code" else { return refuse("unsupported_grant_type", "only authorization_code is supported") }
        guard let token = form["code"], let verifier = form["code_verifier"], let redirectURI = form["redirect_uri"] else {
            return refuse("invalid_request", "code, code_verifier and redirect_uri are required")
        }
        let now = provider.clock.seconds
        guard let code = EmbeddedAuthorizationCode.open(token, with: provider.keys), code.clientID == client.id else {
            return refuse("invalid_grant", "the code is not valid")
        }
        guard now < code.expiresAt else { return refuse("invalid_grant", "the code has expired") }
        guard code.redirectURI == redirectURI else { return refuse("invalid_grant", "the code was issued for another redirect_uri") }
        guard Self.challenge(of: verifier) == code.codeChallenge else { return refuse("invalid_grant", "code_verifier does not fit") }
        guard try await provider.store.insertIfAbsent(UsedToken(id: "authorization-code:\(code.id)", expiresAt: code.expiresAt)) else {
            return refuse("invalid_grant", "the code was used already")
        }
        guard let user = try await provider.directory.user(email: code.email), user.subject == code.subject,
            user.passwordStamp == code.passwordStamp
        else { return refuse("invalid_grant", "the account has changed since") }
        return try grant(code, user: user, client: client, now: now)
    }

    private func grant(_ code: EmbeddedAuthorizationCode, user: LocalUser, client: EmbeddedClient, now: Int64) throws -> ControlResponse {
        let access = EmbeddedAccessToken(
            email: user.email, subject: user.subject, scopes: code.scopes, passwordStamp: user.passwordStamp,
            expiresAt: now + EmbeddedAccessToken.lifetime)
        var claims = user.claims(for: code.scopes)
        claims["iss"] = .string(provider.issuer)
        claims["aud"] = .string(client.id)
        claims["iat"] = .integer(now)
        claims["exp"] = .integer(now + Self.idTokenLifetime)
        claims["auth_time"] = .integer(code.authenticatedAt)
        claims["amr"] = .array([.string("pwd")])
        if let nonce = code.nonce { claims["nonce"] = .string(nonce) }
        let answer = JSONValue.object([
            "access_token": .string(try access.sealed(with: provider.keys)),
            "token_type": .string("Bearer"),
            "expires_in": .integer(EmbeddedAccessToken.lifetime),
            "scope": .string(code.scopes.joined(separator: " ")),
            "id_token": .string(try provider.signingKey.sign(payload: JSONValue.object(claims).encoded())),
        ])
        return .json(try answer.encoded())
    }

    /// Basic or form credentials, never both (RFC 6749 section 2.3).
    private func authenticatedClient(_ request: ControlRequest, _ form: FormParameters) -> EmbeddedClient? {
        let posted = form["client_secret"].map { (form["client_id"], $0) }
        if let header = request.headers[.authorization] {
            let words = header.split(separator: " ", maxSplits: 1)
            guard posted == nil, words.count == 2, words[0].lowercased() == "basic", let data = Data(base64Encoded: String(words[1])) else {
                return nil
            }
            let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let client = provider.client(FormParameters.decode(parts[0])) else { return nil }
            return client.hasSecret(FormParameters.decode(parts[1])) ? client : nil
        }
        guard let (id, secret) = posted, let client = provider.client(id) else { return nil }
        return client.hasSecret(secret) ? client : nil
    }

    static func challenge(of verifier: String) -> String {
        RandomToken.digest(verifier)
    }

    private func refuse(_ code: String, _ description: String, status: HTTPResponse.Status = .badRequest) -> ControlResponse {
        // Both texts are our own, without characters that JSON escapes.
        .json(Array("{\"error\":\"\(code)\",\"error_description\":\"\(description)\"}".utf8), status: status)
    }
}
