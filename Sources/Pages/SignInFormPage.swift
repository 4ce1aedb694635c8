/// The form of the embedded identity provider.
///
/// It submits the fields ``emailField`` and ``passwordField`` with `POST`, along with the hidden fields.
public struct SignInFormPage: Sendable, Equatable {
    public static let emailField = "email"
    public static let passwordField = "password"

    /// Where the form submits to, with the query that has to be preserved. Anything but a path or an http(s) URL becomes the current address.
    public var action: String
    /// The CSRF token and whatever else the form carries along.
    public var hiddenFields: [FormField]
    /// What was typed before, to be shown again.
    public var email: String
    /// What the user is about to open.
    public var applicationName: String?
    /// Why the last attempt failed. Say nothing here that tells an unknown email from a wrong password.
    public var errorText: String?
    /// Something the user should know that is not an error.
    public var noticeText: String?
    /// When the next attempt is admitted, in words, while attempts are refused.
    public var throttledUntil: String?
    public var requestID: String?

    public init(
        action: String, hiddenFields: [FormField], email: String = "", applicationName: String? = nil, errorText: String? = nil,
        noticeText: String? = nil, throttledUntil: String? = nil, requestID: String? = nil
    ) {
        self.action = action
        self.hiddenFields = hiddenFields
        self.email = email
        self.applicationName = applicationName
        self.errorText = errorText
        self.noticeText = noticeText
        self.throttledUntil = throttledUntil
        self.requestID = requestID
    }

    public func render(branding: Branding = .default) -> String {
        var model = PageModel(title: errorText == nil ? "Sign in" : "Error: Sign in", requestID: requestID)
        model.set("narrow", true)
        model.set("action", link: action)
        model.set("fields", list: hiddenFields.map(\.row))
        model.set("email", email)
        model.set("focusEmail", email.isEmpty)
        model.set("applicationName", applicationName)
        model.set("problem", errorText)
        model.set("notice", noticeText)
        model.set("throttled", throttledUntil)
        return TemplateCatalog.signInForm.render(model, branding: branding)
    }
}
