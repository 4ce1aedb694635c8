/// Asks before a sign-out that did not come from one of our own pages.
public struct SignOutConfirmPage: Sendable, Equatable {
    public var form: FormTarget
    public var signedInAs: String?
    /// Where "Stay signed in" leads.
    public var cancelURL: String?
    public var requestID: String?

    public init(form: FormTarget, signedInAs: String? = nil, cancelURL: String? = nil, requestID: String? = nil) {
        self.form = form
        self.signedInAs = signedInAs
        self.cancelURL = cancelURL
        self.requestID = requestID
    }

    public func render(branding: Branding = .default) -> String {
        var model = PageModel(title: "Sign out?", requestID: requestID)
        model.set("signedInAs", signedInAs)
        model.set("action", link: form.action)
        model.set("fields", list: form.hiddenFields.map(\.row))
        model.set("cancelURL", link: cancelURL)
        return TemplateCatalog.signOutConfirm.render(model, branding: branding)
    }
}

/// Tells that the session has ended.
public struct SignedOutPage: Sendable, Equatable {
    public var signInURL: String?
    public var requestID: String?

    public init(signInURL: String? = nil, requestID: String? = nil) {
        self.signInURL = signInURL
        self.requestID = requestID
    }

    public func render(branding: Branding = .default) -> String {
        var model = PageModel(title: "You are signed out", requestID: requestID)
        model.set("signInURL", link: signInURL)
        return TemplateCatalog.signedOut.render(model, branding: branding)
    }
}
