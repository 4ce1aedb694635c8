public import HTTPTypes

/// A request for one of the product's own pages or APIs, complete with its body.
public struct ControlRequest: Sendable {
    public var method: HTTPRequest.Method
    /// Host name without port, lower case.
    public var host: String
    /// Host as the client wrote it, with port.
    public var authority: String
    /// Path as matched (normalised, still percent-encoded), without query.
    public var path: String
    /// Raw query without `?`; empty when there is none.
    public var query: String
    public var headers: HTTPFields
    /// At most the limit of the endpoint's collector (64 KiB).
    public var body: [UInt8]
    /// Client address as policy and logs see it.
    public var clientAddress: String
    public var requestID: String

    public init(
        method: HTTPRequest.Method = .get, host: String, authority: String? = nil, path: String, query: String = "",
        headers: HTTPFields = [:], body: [UInt8] = [], clientAddress: String = "127.0.0.1", requestID: String = ""
    ) {
        self.method = method
        self.host = host
        self.authority = authority ?? host
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.clientAddress = clientAddress
        self.requestID = requestID
    }

    /// Path with query, as it stood in the request line.
    public var target: String { query.isEmpty ? path : "\(path)?\(query)" }

    /// Parameters of the query.
    public var queryParameters: FormParameters { FormParameters(query) }

    /// Parameters of an `application/x-www-form-urlencoded` body; empty for any other content type.
    public var formParameters: FormParameters {
        let type = headers[.contentType]?.lowercased() ?? ""
        guard type.split(separator: ";").first.map({ $0.trimmingSpaces() }) == "application/x-www-form-urlencoded" else {
            return FormParameters()
        }
        return FormParameters(String(decoding: body, as: UTF8.self))
    }

    /// All cookies of that exact name, in order. Several may come, for example from a parent domain.
    public func cookies(named name: String) -> [String] {
        allCookies.filter { $0.name == name }.map(\.value)
    }

    /// Every cookie of the request in order.
    public var allCookies: [(name: String, value: String)] {
        headers[values: .cookie].flatMap { CookieHeader.parse($0) }
    }
}

extension StringProtocol {
    /// Without leading and trailing spaces and tabs.
    func trimmingSpaces() -> String {
        var slice = self[...]
        while let first = slice.first, first == " " || first == "\t" { slice = slice.dropFirst() }
        while let last = slice.last, last == " " || last == "\t" { slice = slice.dropLast() }
        return String(slice)
    }
}
