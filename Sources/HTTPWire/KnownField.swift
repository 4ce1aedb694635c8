/// Field names that the proxy looks at. Recognised while a head is parsed, without regard to case and without allocation.
public enum KnownField: UInt8, Sendable, Hashable, CaseIterable {
    case other
    case host, connection, contentLength, transferEncoding, te, trailer, keepAlive, upgrade, expect
    case proxyConnection, proxyAuthorization, proxyAuthenticate
    case cookie, setCookie, authorization, wwwAuthenticate
    case accept, acceptEncoding, acceptLanguage, contentType, contentEncoding, cacheControl
    case userAgent, referer, origin, range, via
    case forwarded, xForwardedFor, xForwardedProto, xForwardedHost, xForwardedPort, xRealIP, xRequestId, xRequestedWith
    case secFetchMode, secFetchDest, secFetchSite, secWebSocketKey, secWebSocketProtocol
    case accessControlRequestMethod
    case location, date, server, strictTransportSecurity, traceparent
    /// Any name that starts with `x-pomerium-` once case and punctuation are folded away.
    case xPomerium

    /// The name in lower case; empty for `other`, the prefix for `xPomerium`.
    public var name: StaticString {
        switch self {
        case .other: ""
        case .host: "host"
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .te: "te"
        case .trailer: "trailer"
        case .keepAlive: "keep-alive"
        case .upgrade: "upgrade"
        case .expect: "expect"
        case .proxyConnection: "proxy-connection"
        case .proxyAuthorization: "proxy-authorization"
        case .proxyAuthenticate: "proxy-authenticate"
        case .cookie: "cookie"
        case .setCookie: "set-cookie"
        case .authorization: "authorization"
        case .wwwAuthenticate: "www-authenticate"
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .acceptLanguage: "accept-language"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .cacheControl: "cache-control"
        case .userAgent: "user-agent"
        case .referer: "referer"
        case .origin: "origin"
        case .range: "range"
        case .via: "via"
        case .forwarded: "forwarded"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedProto: "x-forwarded-proto"
        case .xForwardedHost: "x-forwarded-host"
        case .xForwardedPort: "x-forwarded-port"
        case .xRealIP: "x-real-ip"
        case .xRequestId: "x-request-id"
        case .xRequestedWith: "x-requested-with"
        case .secFetchMode: "sec-fetch-mode"
        case .secFetchDest: "sec-fetch-dest"
        case .secFetchSite: "sec-fetch-site"
        case .secWebSocketKey: "sec-websocket-key"
        case .secWebSocketProtocol: "sec-websocket-protocol"
        case .accessControlRequestMethod: "access-control-request-method"
        case .location: "location"
        case .date: "date"
        case .server: "server"
        case .strictTransportSecurity: "strict-transport-security"
        case .traceparent: "traceparent"
        case .xPomerium: "x-pomerium-"
        }
    }

    /// Speaks about a connection; HTTP/2 has no such fields (RFC 9113 section 8.2.2).
    var isConnectionSpecific: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade: true
        default: false
        }
    }

    /// The field with this name, which must be a token.
    static func recognise(_ name: UnsafeRawBufferPointer) -> KnownField {
        guard let first = name.first else { return .other }
        let initial = ByteClass.lowercased(first)
        // The length and the first letter leave at most three names to compare with.
        let candidates: (KnownField, KnownField, KnownField)
        switch (name.count, initial) {
        case (2, 0x74): candidates = (.te, .other, .other)
        case (3, 0x76): candidates = (.via, .other, .other)
        case (4, 0x68): candidates = (.host, .other, .other)
        case (4, 0x64): candidates = (.date, .other, .other)
        case (5, 0x72): candidates = (.range, .other, .other)
        case (6, 0x63): candidates = (.cookie, .other, .other)
        case (6, 0x61): candidates = (.accept, .other, .other)
        case (6, 0x65): candidates = (.expect, .other, .other)
        case (6, 0x6F): candidates = (.origin, .other, .other)
        case (6, 0x73): candidates = (.server, .other, .other)
        case (7, 0x72): candidates = (.referer, .other, .other)
        case (7, 0x75): candidates = (.upgrade, .other, .other)
        case (7, 0x74): candidates = (.trailer, .other, .other)
        case (8, 0x6C): candidates = (.location, .other, .other)
        case (9, 0x66): candidates = (.forwarded, .other, .other)
        case (9, 0x78): candidates = (.xRealIP, .other, .other)
        case (10, 0x63): candidates = (.connection, .other, .other)
        case (10, 0x75): candidates = (.userAgent, .other, .other)
        case (10, 0x6B): candidates = (.keepAlive, .other, .other)
        case (10, 0x73): candidates = (.setCookie, .other, .other)
        case (11, 0x74): candidates = (.traceparent, .other, .other)
        case (12, 0x63): candidates = (.contentType, .other, .other)
        case (12, 0x78): candidates = (.xRequestId, .other, .other)
        case (13, 0x61): candidates = (.authorization, .other, .other)
        case (13, 0x63): candidates = (.cacheControl, .other, .other)
        case (14, 0x63): candidates = (.contentLength, .other, .other)
        case (14, 0x73): candidates = (.secFetchMode, .secFetchDest, .secFetchSite)
        case (15, 0x61): candidates = (.acceptEncoding, .acceptLanguage, .other)
        case (15, 0x78): candidates = (.xForwardedFor, .other, .other)
        case (16, 0x78): candidates = (.xForwardedHost, .xForwardedPort, .xRequestedWith)
        case (16, 0x70): candidates = (.proxyConnection, .other, .other)
        case (16, 0x63): candidates = (.contentEncoding, .other, .other)
        case (16, 0x77): candidates = (.wwwAuthenticate, .other, .other)
        case (17, 0x74): candidates = (.transferEncoding, .other, .other)
        case (17, 0x78): candidates = (.xForwardedProto, .other, .other)
        case (17, 0x73): candidates = (.secWebSocketKey, .other, .other)
        case (18, 0x70): candidates = (.proxyAuthenticate, .other, .other)
        case (19, 0x70): candidates = (.proxyAuthorization, .other, .other)
        case (22, 0x73): candidates = (.secWebSocketProtocol, .other, .other)
        case (25, 0x73): candidates = (.strictTransportSecurity, .other, .other)
        case (29, 0x61): candidates = (.accessControlRequestMethod, .other, .other)
        default: candidates = (.other, .other, .other)
        }
        if candidates.0 != .other, candidates.0.matches(name) { return candidates.0 }
        if candidates.1 != .other, candidates.1.matches(name) { return candidates.1 }
        if candidates.2 != .other, candidates.2.matches(name) { return candidates.2 }
        if initial == 0x78, hasManagedPrefix(name) { return .xPomerium }
        return .other
    }

    private func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        ByteClass.tokenEquals(name, lowercase: self.name)
    }

    /// The namespace that belongs to the proxy alone, in every spelling that an application server might fold onto it.
    private static func hasManagedPrefix(_ name: UnsafeRawBufferPointer) -> Bool {
        KnownField.xPomerium.name.withUTF8Buffer { prefix in
            guard name.count >= prefix.count else { return false }
            var index = 0
            while index < prefix.count {
                guard ByteClass.folded(name[index]) == prefix[index] else { return false }
                index &+= 1
            }
            return true
        }
    }
}
