public import HTTPTypes

/// How a provider's servers are asked. Implementations bound time and size, so callers need not.
public protocol HTTPTransport: Sendable {
    /// Throws ``TransportError`` alone. Redirects to another origin are returned, not followed.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

public struct TransportRequest: Sendable {
    public var method: HTTPRequest.Method
    /// Absolute.
    public var url: String
    public var headers: HTTPFields
    public var body: [UInt8]

    public init(method: HTTPRequest.Method = .get, url: String, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

public struct TransportResponse: Sendable {
    public var status: Int
    public var headers: HTTPFields
    public var body: [UInt8]

    public init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var isSuccess: Bool { (200..<300).contains(status) }
}

/// Why there was no answer, in words for an operator.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}
