import Authenticate
import HTTPEndpoints
import HTTPTypes
import Sessions

/// A browser with a cookie jar that follows redirects. It stops at pages, and at the stub provider's form.
final class Browser {
    struct Landing {
        var url: String
        var status: Int
        var body: String
        var headers: HTTPFields
        /// Every address on the way, the last included.
        var trail: [String]
    }

    enum Fault: Error { case tooManyRedirects([String]) }

    let world: World
    /// By host, then name.
    var jar: [String: [String: String]] = [:]
    var keepsCookies = true
    var headers: HTTPFields = [:]

    init(_ world: World) {
        self.world = world
    }

    func cookieNames(_ host: String) -> [String] { (jar[host] ?? [:]).keys.sorted() }

    @discardableResult
    func open(_ url: String) async throws -> Landing {
        try await follow(try await send(.get, url), from: url)
    }

    @discardableResult
    func post(_ url: String, _ form: FormParameters) async throws -> Landing {
        try await follow(try await send(.post, url, form: form), from: url)
    }

    /// One request, no redirect followed.
    func send(_ method: HTTPRequest.Method, _ url: String, form: FormParameters? = nil) async throws -> ControlResponse {
        let authority = try require(SignInLocation.authority(of: url))
        let host = SignInLocation.host(ofAuthority: authority)
        let rest = url.dropFirst("https://".count + authority.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var fields = headers
        let cookies = (jar[host] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if !cookies.isEmpty { fields[.cookie] = cookies.joined(separator: "; ") }
        if form != nil {
            fields[.contentType] = "application/x-www-form-urlencoded"
            fields[HTTPField.Name.secFetchSite] = "same-origin"
        }
        let path = parts.first.flatMap { $0.isEmpty ? nil : $0 } ?? "/"
        let response = try await world.router.respond(
            to: ControlRequest(
                method: method, host: host, authority: authority, path: path, query: parts.count > 1 ? parts[1] : "", headers: fields,
                body: Array((form?.encoded ?? "").utf8), clientAddress: "192.0.2.7", requestID: "request"))
        if keepsCookies { store(response, host: host) }
        return response
    }

    private func store(_ response: ControlResponse, host: String) {
        for line in response.headers[values: .setCookie] {
            let attributes = line.split(separator: ";").map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
            guard let pair = attributes.first, pair.count == 2 else { continue }
            if line.contains("Max-Age=0;") {
                jar[host]?[String(pair[0])] = nil
            } else {
                jar[host, default: [:]][String(pair[0])] = String(pair[1])
            }
        }
    }

    private func follow(_ first: ControlResponse, from start: String) async throws -> Landing {
        var response = first
        var url = start
        var trail = [start]
        while [302, 303].contains(response.status.code), let location = response.headers[.location] {
            guard trail.count < 60 else { throw Fault.tooManyRedirects(trail) }
            url = location.hasPrefix("/") ? "https://\(try require(SignInLocation.authority(of: url)))\(location)" : location
            trail.append(url)
            if url.hasPrefix("https://idp.test/") {
                guard url.hasPrefix("https://idp.test/authorize"), let person = world.stub.with({ $0.signedIn }) else {
                    return Landing(url: url, status: 200, body: "provider", headers: [:], trail: trail)
                }
                url = world.stub.callback(url, as: person)
                trail.append(url)
            } else if !url.hasPrefix("https://") || url.hasPrefix("https://localhost") {
                return Landing(url: url, status: 200, body: "receiver", headers: [:], trail: trail)
            }
            response = try await send(.get, url)
        }
        return Landing(
            url: url, status: response.status.code, body: String(decoding: response.body, as: UTF8.self), headers: response.headers, trail: trail)
    }

    /// Signs in at the stub provider where the browser stands at its form.
    func signIn(_ landing: Landing, as person: String = "ann") async throws -> Landing {
        try await open(world.stub.callback(landing.url, as: person))
    }
}

/// The query of a URL.
func query(of url: String) -> FormParameters {
    let parts = url.split(separator: "?", maxSplits: 1)
    return FormParameters(parts.count > 1 ? String(parts[1]) : "")
}
