import HTTPEndpoints
import HTTPTypes
import Pages

/// The icons of our own pages under `/.pomerium/`.
struct AssetEndpoint: ControlEndpoint {
    let pattern: EndpointPattern
    let methods: [HTTPRequest.Method] = [.get]
    private let asset: StaticAsset

    init(_ asset: StaticAsset) {
        self.asset = asset
        pattern = EndpointPattern(.exact("/.pomerium/\(asset.name)"))
    }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        var headers: HTTPFields = [.cacheControl: "max-age=3600", .eTag: asset.etag, .xContentTypeOptions: "nosniff"]
        if request.headers[values: .ifNoneMatch].contains(asset.etag) { return ControlResponse(status: .notModified, headers: headers) }
        headers[.contentType] = asset.contentType
        return ControlResponse(status: .ok, headers: headers, body: asset.bytes)
    }
}

/// `/.pomerium` leads to `/.pomerium/`.
struct SlashEndpoint: ControlEndpoint {
    let pattern = EndpointPattern(.exact("/.pomerium"))
    let methods: [HTTPRequest.Method] = [.get]

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        .redirect(to: request.query.isEmpty ? "/.pomerium/" : "/.pomerium/?\(request.query)")
    }
}
