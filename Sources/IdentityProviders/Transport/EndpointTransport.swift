public import HTTPEndpoints
import HTTPTypes
import Sessions

/// Asks endpoints of this process without a network between, so that the embedded provider is used by the very client code that uses all
/// others, also while the listener is not up yet, or not reachable from the inside.
public struct EndpointTransport: HTTPTransport {
    private let router: EndpointRouter

    public init(router: EndpointRouter) {
        self.router = router
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        guard let authority = SignInLocation.authority(of: request.url) else { throw TransportError("not an https URL: \(request.url.prefix(200))") }
        let target = request.url.dropFirst("https://".count + authority.count).prefix { $0 != "#" }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let asked = ControlRequest(
            method: request.method, host: SignInLocation.host(ofAuthority: authority), authority: authority,
            path: parts.first.map(String.init) ?? "/", query: parts.count > 1 ? String(parts[1]) : "", headers: request.headers,
            body: request.body, clientAddress: "127.0.0.1", requestID: "")
        do {
            let answer = try await router.respond(to: asked)
            return TransportResponse(status: answer.status.code, headers: answer.headers, body: answer.body)
        } catch {
            throw TransportError("\(error)")
        }
    }
}
