public import HTTPTypes

/// Refuses state changes that another site's page asked the browser to send.
public enum SameOriginCheck {
    /// True for safe methods, and for requests that `Sec-Fetch-Site` (or, without it, `Origin`) shows to come from the same origin or from the user.
    ///
    /// A client that sends neither header is no browser, holds no ambient cookies, and passes.
    public static func passes(_ request: ControlRequest) -> Bool {
        switch request.method {
        case .get, .head, .options, .trace: return true
        default: break
        }
        if let site = request.headers[HTTPField.Name.secFetchSite] {
            return site == "same-origin" || site == "none"
        }
        if let origin = request.headers[.origin] {
            return origin == "https://\(request.authority)"
        }
        return true
    }
}

extension HTTPField.Name {
    private static func constant(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .userAgent
    }

    public static var secFetchSite: HTTPField.Name { constant("Sec-Fetch-Site") }
    public static var secFetchMode: HTTPField.Name { constant("Sec-Fetch-Mode") }
    public static var secFetchDest: HTTPField.Name { constant("Sec-Fetch-Dest") }
}
