/// What the built-in verify application saw: the request, the identity assertion, and the result of each check.
///
/// The page belongs to an application behind the proxy, so it shows the headers it is given as they are; leave credentials of others out.
public struct VerifyPage: Sendable, Equatable {
    /// One check of the assertion, such as its signature, `aud`, `iss` or `exp`.
    public struct Check: Sendable, Equatable {
        public var name: String
        public var passed: Bool
        /// What was compared, or why it failed.
        public var text: String

        public init(name: String, passed: Bool, text: String) {
            self.name = name
            self.passed = passed
            self.text = text
        }
    }

    public var method: String
    public var path: String
    public var headers: [NamedValue]
    public var claims: [NamedValue]
    public var checks: [Check]
    public var requestID: String?

    public init(
        method: String, path: String, headers: [NamedValue], claims: [NamedValue], checks: [Check], requestID: String? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.claims = claims
        self.checks = checks
        self.requestID = requestID
    }

    /// The headline says verified only when there is at least one check and all of them passed.
    public func render(branding: Branding = .default) -> String {
        let verified = !checks.isEmpty && checks.allSatisfy(\.passed)
        let title = verified ? "Your identity arrived" : "Your identity could not be verified"
        var model = PageModel(title: title, requestID: requestID, wide: true)
        model.set("verified", verified)
        model.set("method", method)
        model.set("path", path)
        model.set("headers", list: headers.map(\.row))
        model.set("claims", list: claims.map(\.row), flag: "hasClaims")
        model.set(
            "checks",
            list: checks.map { check in
                PageModel.row([
                    "name": check.name, "text": check.text, "result": check.passed ? "ok" : "failed",
                    "mark": check.passed ? "mark-good" : "mark-bad",
                ])
            })
        return TemplateCatalog.verify.render(model, branding: branding)
    }
}
