public import HTTPTypes

/// What an endpoint answers; the data plane adds request id, default response headers and framing.
public struct ControlResponse: Sendable {
    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: [UInt8]

    public init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// `contentSecurityPolicy` is the exact header value that the page was rendered for.
    public static func html(_ text: String, status: HTTPResponse.Status = .ok, contentSecurityPolicy: String) -> ControlResponse {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .contentSecurityPolicy: contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
        ]
        headers[.referrerPolicy] = "same-origin"
        return ControlResponse(status: status, headers: headers, body: Array(text.utf8))
    }

    public static func json(_ body: [UInt8], status: HTTPResponse.Status = .ok) -> ControlResponse {
        ControlResponse(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff"], body: body)
    }

    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> ControlResponse {
        ControlResponse(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: Array(text.utf8))
    }

    /// 302 by default. `location` must be made by us or validated: an empty one, or bytes that cannot stand in a header, are refused with a 500.
    public static func redirect(to location: String, status: HTTPResponse.Status = .found) -> ControlResponse {
        guard !location.isEmpty, location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return ControlResponse(status: .internalServerError) }
        return ControlResponse(status: status, headers: [.location: location, .cacheControl: "no-store"])
    }

    public static func methodNotAllowed(allow: String) -> ControlResponse {
        var response = text("Method Not Allowed\n", status: .methodNotAllowed)
        response.headers[.allow] = allow
        return response
    }

    /// Adds a Set-Cookie line.
    public mutating func setCookie(_ cookie: ResponseCookie) {
        headers.append(HTTPField(name: .setCookie, value: cookie.headerValue))
    }
}

extension HTTPField.Name {
    /// Referrer-Policy (W3C).
    public static var referrerPolicy: HTTPField.Name { constant("Referrer-Policy") }
    /// Where one of our own answers was given instead of the application's.
    public static var interceptedResponse: HTTPField.Name { constant("x-pomerium-intercepted-response") }
    public static var requestID: HTTPField.Name { constant("x-request-id") }

    /// For names written in this source only, all of which are tokens (RFC 9110 section 5.1).
    private static func constant(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .userAgent
    }
}
