/// The page for every refusal and failure, 400 to 599.
///
/// It names the status, says in words what happened and what to do, and carries the request id under which the administrator finds the
/// decision in the log.
public struct ErrorPage: Sendable, Equatable {
    public var status: Int
    public var title: String
    /// What happened, in words that are safe to show to anybody.
    public var message: String
    /// The stable code of the reason, such as `user-unauthorized`.
    public var reasonCode: String?
    /// `response-code-details` of the access log.
    public var detail: String?
    public var requestID: String
    /// Why the policy decided so; give them only where the route shows error details.
    public var explanations: [Explanation]
    /// The email of the user whom the policy refused.
    public var signedInAs: String?
    /// Where to sign in (again); shown as the first button.
    public var signInAgainURL: String?
    public var signOutURL: String?
    /// Where the same request can be tried again.
    public var retryURL: String?
    public var upstream: UpstreamFailure?

    public init(
        status: Int, title: String, message: String, reasonCode: String? = nil, detail: String? = nil, requestID: String,
        explanations: [Explanation] = [], signedInAs: String? = nil, signInAgainURL: String? = nil, signOutURL: String? = nil,
        retryURL: String? = nil,
        upstream: UpstreamFailure? = nil
    ) {
        self.status = status
        self.title = title
        self.message = message
        self.reasonCode = reasonCode
        self.detail = detail
        self.requestID = requestID
        self.explanations = explanations
        self.signedInAs = signedInAs
        self.signInAgainURL = signInAgainURL
        self.signOutURL = signOutURL
        self.retryURL = retryURL
        self.upstream = upstream
    }

    /// The page for a signed-in user whom the policy excludes.
    ///
    /// `reason` is in words, such as "you are in none of the groups that may open this page".
    public static func forbidden(
        reason: String? = nil, reasonCode: String?, requestID: String, signedInAs: String?, signInAgainURL: String?, signOutURL: String? = nil,
        explanations: [Explanation] = []
    ) -> ErrorPage {
        let reason = reason.map { ": \($0)." } ?? "."
        return ErrorPage(
            status: 403, title: "You may not open this page", message: "The access policy of this page does not include you\(reason)",
            reasonCode: reasonCode, requestID: requestID, explanations: explanations, signedInAs: signedInAs,
            signInAgainURL: signInAgainURL, signOutURL: signOutURL)
    }

    /// The page for a request that was allowed but could not be carried to the application or back.
    ///
    /// `status` is 502, 503 or 504 where the application failed.
    public static func upstreamFailure(
        _ failure: UpstreamFailure, status: Int, requestID: String, signedInAs: String? = nil, retryURL: String? = nil
    ) -> ErrorPage {
        let title = failure.failedParty == .proxy ? "The proxy could not serve this request" : "The application cannot be reached"
        return ErrorPage(
            status: status, title: title,
            message: "You were let through, but the application did not give an answer that could be passed on.",
            reasonCode: failure.cause.rawValue, requestID: requestID, retryURL: retryURL, upstream: failure)
    }

    /// Renders the page; `branding` gives colours, logo and first paragraph.
    public func render(branding: Branding = .default) -> String {
        var model = PageModel(title: "\(status) \(title)", text: "\(message) Request ID: \(requestID)")
        model.set("status", String(status))
        model.set("statusText", StatusText.of(status))
        model.set("title", title)
        model.set("message", message)
        model.set("firstParagraph", branding.errorMessageFirstParagraph)
        model.set("reasonCode", reasonCode)
        model.set("detail", detail)
        model.set("errorRequestID", requestID)
        model.set("signedInAs", signedInAs)
        model.set("explanations", list: explanations.map(\.row), flag: "hasExplanations")
        model.set("signInLabel", signedInAs == nil ? "Sign in" : "Sign in as somebody else")
        model.set("signInAgainURL", link: signInAgainURL)
        model.set("signOutURL", link: signOutURL)
        model.set("retryURL", link: retryURL)
        model.set("hasActions", ["signInAgainURL", "signOutURL", "retryURL"].contains { model.values[$0] != nil })
        if let upstream { model.set("upstream", upstream.section) }
        return TemplateCatalog.error.render(model, branding: branding)
    }
}

extension ErrorPage {
    /// One rule of the policy that took part in the decision.
    public struct Explanation: Sendable, Equatable {
        /// What the rule did.
        public enum Effect: Sendable, Equatable {
            case allow
            case deny
            /// It did not hold.
            case neither
        }

        public var explanation: String
        /// What the user can do about it.
        public var remediation: String?
        public var effect: Effect

        public init(explanation: String, remediation: String? = nil, effect: Effect) {
            self.explanation = explanation
            self.remediation = remediation
            self.effect = effect
        }

        var row: [String: Any] {
            PageModel.row([
                "explanation": explanation, "remediation": effect == .allow ? nil : remediation,
                "effect": effect == .allow ? "Allows:" : effect == .deny ? "Denies:" : "Does not apply:",
                "mark": effect == .allow ? "mark-good" : effect == .deny ? "mark-bad" : "muted",
            ])
        }
    }
}
