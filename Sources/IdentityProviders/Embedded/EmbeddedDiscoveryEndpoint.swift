import HTTPEndpoints
import HTTPTypes
import KeyMaterial

/// `/.pomerium/idp/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 section 4).
struct EmbeddedDiscoveryEndpoint: ControlEndpoint {
    let provider: EmbeddedProvider

    var pattern: EndpointPattern { EndpointPattern(.exact("\(EmbeddedProvider.path)/.well-known/openid-configuration"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        func list(_ values: String...) -> JSONValue { .array(values.map { .string($0) }) }
        let document = JSONValue.object([
            "issuer": .string(provider.issuer),
            "authorization_endpoint": .string("\(provider.issuer)/authorize"),
            "token_endpoint": .string("\(provider.issuer)/token"),
            "userinfo_endpoint": .string("\(provider.issuer)/userinfo"),
            "jwks_uri": .string("\(provider.issuer)/jwks"),
            "end_session_endpoint": .string("\(provider.issuer)/end_session"),
            "response_types_supported": list("code"),
            "response_modes_supported": list("query"),
            "grant_types_supported": list("authorization_code"),
            "subject_types_supported": list("public"),
            "id_token_signing_alg_values_supported": list(provider.signingKey.algorithm),
            "token_endpoint_auth_methods_supported": list("client_secret_basic", "client_secret_post"),
            "code_challenge_methods_supported": list("S256"),
            "scopes_supported": list("openid", "profile", "email", "groups"),
            "prompt_values_supported": list("none", "login"),
            "claims_supported": list("sub", "iss", "aud", "exp", "iat", "nonce", "auth_time", "amr", "email", "email_verified", "name", "groups"),
            "authorization_response_iss_parameter_supported": .bool(true),
            "request_parameter_supported": .bool(false),
            "request_uri_parameter_supported": .bool(false),
            "claims_parameter_supported": .bool(false),
        ])
        return .json(try document.encoded())
    }
}

/// `/.pomerium/idp/jwks` (RFC 7517 section 5).
struct EmbeddedKeysEndpoint: ControlEndpoint {
    let provider: EmbeddedProvider

    var pattern: EndpointPattern { EndpointPattern(.exact("\(EmbeddedProvider.path)/jwks"), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        .json(try JSONWebKeySet(keys: [provider.signingKey.jwk]).encoded())
    }
}
