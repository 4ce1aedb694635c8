/// The Cookie request header (RFC 6265 section 5.4), read as leniently as browsers write it.
public enum CookieHeader {
    /// At most 512 pairs; pieces without `=` are skipped.
    public static func parse(_ header: String) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for piece in header.split(separator: ";").prefix(512) {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            pairs.append((parts[0].trimmingSpaces(), parts[1].trimmingSpaces()))
        }
        return pairs
    }
}

/// A Set-Cookie line (RFC 6265 section 4.1). `Secure` and `Path=/` are always there.
public struct ResponseCookie: Sendable, Equatable {
    public enum SameSite: String, Sendable, Codable {
        case strict = "Strict"
        case lax = "Lax"
        case none = "None"
    }

    public var name: String
    public var value: String
    /// Seconds; nil makes a cookie that ends with the browser, 0 removes it.
    public var maxAge: Int64?
    public var domain: String?
    public var httpOnly: Bool
    public var sameSite: SameSite?

    public init(
        name: String, value: String, maxAge: Int64?, domain: String? = nil, httpOnly: Bool = true, sameSite: SameSite? = .lax
    ) {
        self.name = name
        self.value = value
        self.maxAge = maxAge
        self.domain = domain
        self.httpOnly = httpOnly
        self.sameSite = sameSite
    }

    /// A cookie that makes the browser forget the one of that name and domain.
    public static func removal(of name: String, domain: String? = nil, sameSite: SameSite? = .lax) -> ResponseCookie {
        ResponseCookie(name: name, value: "", maxAge: 0, domain: domain, sameSite: sameSite)
    }

    public var headerValue: String {
        var text = "\(name)=\(value); Path=/"
        if let domain { text += "; Domain=\(domain)" }
        if let maxAge { text += "; Max-Age=\(maxAge)" }
        text += "; Secure"
        if httpOnly { text += "; HttpOnly" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        return text
    }
}
