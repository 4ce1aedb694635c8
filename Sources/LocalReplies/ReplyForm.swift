public import HTTPWire

/// The form in which a client wants to be told something (reference: authentication section 7.2).
public enum ReplyForm: Sendable, Equatable {
    case html
    case json
    case plain
    /// gRPC over HTTP/2: status 200 with a trailers-only answer, as its clients expect (gRPC over HTTP2, "Responses").
    case grpc
    case grpcWeb(contentType: String)
    /// `kubectl` and other clients of the Kubernetes API: a `Status` object.
    case kubernetes

    /// The request headers that the choice looks at.
    public struct Hints: Sendable {
        public var userAgent: String?
        public var contentType: String?
        public var accept: String?
        public var fetchMode: String?
        public var fetchDestination: String?
        public var requestedWith: String?

        public init(
            userAgent: String? = nil, contentType: String? = nil, accept: String? = nil, fetchMode: String? = nil,
            fetchDestination: String? = nil, requestedWith: String? = nil
        ) {
            self.userAgent = userAgent
            self.contentType = contentType
            self.accept = accept
            self.fetchMode = fetchMode
            self.fetchDestination = fetchDestination
            self.requestedWith = requestedWith
        }

        public init(_ head: RequestHead) {
            self.init(
                userAgent: head.first(.userAgent)?.string, contentType: head.first(.contentType)?.string, accept: head.first(.accept)?.string,
                fetchMode: head.first(.secFetchMode)?.string, fetchDestination: head.first(.secFetchDest)?.string,
                requestedWith: head.first(.xRequestedWith)?.string)
        }

        /// Whether a person's browser is loading a page: only then is a redirect to sign-in of any use.
        ///
        /// `Sec-Fetch-Mode: navigate` with `Sec-Fetch-Dest: document` says so; browsers too old to send these ask for `text/html` first.
        public var isNavigation: Bool {
            if let fetchMode { return fetchMode == "navigate" && (fetchDestination ?? "document") == "document" }
            guard !isScripted, let accept else { return false }
            return AcceptHeader(accept).best(of: ["application/json", "text/plain", "text/html"]) == "text/html"
        }

        private var isScripted: Bool { requestedWith?.lowercased() == "xmlhttprequest" }
    }

    public static func choose(for head: RequestHead) -> ReplyForm { choose(for: Hints(head)) }

    public static func isNavigation(_ head: RequestHead) -> Bool { Hints(head).isNavigation }

    /// First match: Kubernetes user agent, gRPC content types, a page load, then the best entry of `Accept`; programs without preference
    /// (`*/*`, nothing) get JSON.
    public static func choose(for hints: Hints) -> ReplyForm {
        if let agent = hints.userAgent, agent.contains("kubernetes/") { return .kubernetes }
        if let type = hints.contentType?.lowercased() {
            if type.hasPrefix("application/grpc-web") {
                let isText = type.hasPrefix("application/grpc-web-text")
                return .grpcWeb(contentType: isText ? "application/grpc-web-text+proto" : "application/grpc-web+proto")
            }
            if type == "application/grpc" || type.hasPrefix("application/grpc+") || type.hasPrefix("application/grpc;") { return .grpc }
        }
        if hints.isNavigation { return .html }
        switch hints.accept.flatMap({ AcceptHeader($0).best(of: ["application/json", "text/html", "text/plain"]) }) {
        case "text/html": return .html
        case "text/plain": return .plain
        default: return .json
        }
    }
}
