import HTTPEndpoints
import HTTPTypes
import KeyMaterial

/// `/.well-known/pomerium/jwks.json` on every host, without sign-in: what applications verify assertions with.
struct KeySetEndpoint: ControlEndpoint {
    let pattern = EndpointPattern(.exact("/.well-known/pomerium/jwks.json"))
    let methods: [HTTPRequest.Method] = [.get]
    private let body: [UInt8]
    private let entityTag: String

    init(keys: [SigningKey]) throws {
        body = try JSONWebKeySet(keys: keys.map(\.jwk)).encoded()
        entityTag = "\"\(RandomToken.digest(String(decoding: body, as: UTF8.self)).prefix(22))\""
    }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        var headers: HTTPFields = [
            .contentType: "application/json", .cacheControl: "max-age=60", .eTag: entityTag, .accessControlAllowOrigin: "*",
            .xContentTypeOptions: "nosniff",
        ]
        if request.headers[values: .ifNoneMatch].contains(where: { $0 == entityTag || $0 == "*" }) {
            headers[.contentType] = nil
            return ControlResponse(status: .notModified, headers: headers)
        }
        return ControlResponse(status: .ok, headers: headers, body: body)
    }
}
