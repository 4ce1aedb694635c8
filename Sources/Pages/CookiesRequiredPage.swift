/// Explains to a user whose browser keeps no cookies why sign-in cannot finish, instead of sending it round in circles.
public struct CookiesRequiredPage: Sendable, Equatable {
    /// The host that set the cookie which did not come back.
    public var host: String?
    public var retryURL: String?
    public var requestID: String?

    public init(host: String? = nil, retryURL: String? = nil, requestID: String? = nil) {
        self.host = host
        self.retryURL = retryURL
        self.requestID = requestID
    }

    public func render(branding: Branding = .default) -> String {
        var model = PageModel(title: "Your browser does not keep cookies", requestID: requestID)
        model.set("host", host)
        model.set("retryURL", link: retryURL)
        return TemplateCatalog.cookiesRequired.render(model, branding: branding)
    }
}
