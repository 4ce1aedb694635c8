public import Foundation

/// Tells a user who the proxy thinks they are. Never shows a token: neither does it take one, nor a claim that looks like one.
public struct UserInfoPage: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case signedIn(User)
        /// Nobody is signed in; the address leads to sign-in.
        case anonymous(signInURL: String?)
    }

    public struct User: Sendable, Equatable {
        public var id: String
        public var email: String?
        public var name: String?
        public var groups: [String]
        public var claims: [NamedValue]
        /// The page shows the first eight characters only: the whole id would name the session to whoever looks over the shoulder.
        public var sessionID: String?
        public var expiresAt: Date?
        public var signOut: FormTarget?
        /// The address of the portal page.
        public var routesURL: String?

        public init(
            id: String, email: String? = nil, name: String? = nil, groups: [String] = [], claims: [NamedValue] = [], sessionID: String? = nil,
            expiresAt: Date? = nil, signOut: FormTarget? = nil, routesURL: String? = nil
        ) {
            self.id = id
            self.email = email
            self.name = name
            self.groups = groups
            self.claims = claims
            self.sessionID = sessionID
            self.expiresAt = expiresAt
            self.signOut = signOut
            self.routesURL = routesURL
        }
    }

    public var state: State
    public var requestID: String?

    public init(_ state: State, requestID: String? = nil) {
        self.state = state
        self.requestID = requestID
    }

    public func render(branding: Branding = .default) -> String {
        switch state {
        case .signedIn(let user):
            var model = PageModel(title: "You are signed in", text: user.email ?? user.id, requestID: requestID)
            model.set("user", user.section)
            return TemplateCatalog.userInfo.render(model, branding: branding)
        case .anonymous(let signInURL):
            var model = PageModel(title: "You are not signed in", requestID: requestID)
            model.set("signInURL", link: signInURL)
            return TemplateCatalog.userInfo.render(model, branding: branding)
        }
    }
}

extension UserInfoPage.User {
    fileprivate var section: [String: Any] {
        var section = PageModel.row([
            "email": email, "name": name, "sessionID": sessionID.map(Self.shortened), "expires": expiresAt.map(PageTime.text),
            "routesURL": routesURL.flatMap(LinkTarget.accepted),
        ])
        let claims = claims.filter { !$0.mayHoldToken }
        section["id"] = id
        section["groups"] = groups
        section["hasGroups"] = !groups.isEmpty
        section["claims"] = claims.map(\.row)
        section["hasClaims"] = !claims.isEmpty
        if let signOut = signOut?.section { section["signOut"] = signOut }
        return section
    }

    private static func shortened(_ id: String) -> String {
        id.count <= 8 ? id : id.prefix(8) + "…"
    }
}

/// Times as pages show them: UTC, to the minute, because the server does not know the reader's time zone.
enum PageTime {
    static func text(_ date: Date) -> String {
        let parts = date.formatted(.iso8601).split(separator: "T")
        guard parts.count == 2 else { return date.formatted(.iso8601) }
        return "\(parts[0]) \(parts[1].prefix(5)) UTC"
    }
}
