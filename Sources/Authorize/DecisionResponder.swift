import HTTPEndpoints
import HTTPWire
import LocalReplies
import Observability
import Pages
import PolicyLanguage
import Records
import Routing
import Sessions

/// Makes an answer of a verdict that is no permit: redirect to sign-in, 401, 403, 450, 495, 404 or 503, in the client's form.
struct DecisionResponder {
    private let settings: AuthorizeSettings
    private let redirector: SignInRedirector

    init(_ settings: AuthorizeSettings) {
        self.settings = settings
        redirector = SignInRedirector(settings)
    }

    /// The status that an outcome has in HTTP; gRPC has its own under 200.
    static func status(of outcome: PolicyOutcome) -> Int {
        switch outcome {
        case .allowed: 200
        case .login: 401
        case .clientCertificate: 495
        case .deviceUnauthorized, .deviceEnrollment: 450
        case .notFound: 404
        case .forbidden, .mcpError, .mcpUnauthorized: 403
        }
    }

    func respond(
        _ request: AuthorizationRequest, _ active: ActiveSession?, _ facts: RequestFacts, _ verdict: PolicyVerdict
    ) -> LocalResponse {
        // A crawler is told to stay away, not sent to a sign-in form.
        if request.path == "/robots.txt" { return Self.robots }
        var response =
            switch verdict.outcome {
            case .login: signIn(request)
            case .clientCertificate:
                render(
                    request, active, status: 495, title: "Client Certificate Required",
                    message: "a valid client certificate is required to access this page", facts, verdict)
            case .deviceUnauthorized, .deviceEnrollment:
                render(
                    request, active, status: 450, title: "Device Not Authorized",
                    message:
                        "your device fails to meet the requirements necessary to access this page, please contact your administrator for assistance",
                    facts, verdict)
            case .notFound:
                render(request, active, status: 404, title: "Not Found", message: "There is nothing at this address.", facts, verdict)
            case .forbidden, .mcpError, .mcpUnauthorized, .allowed:
                render(request, active, status: 403, title: "Forbidden", message: Self.words(verdict.decisiveReasons), facts, verdict)
            }
        response.userID = active?.session.userID
        response.email = active?.email
        response.sessionID = active?.session.id
        return response
    }

    /// Only a missing record means signed out; a store that does not answer is a fault of ours.
    func unavailable(_ request: AuthorizationRequest) -> LocalResponse {
        let reply = LocalReply(
            status: 503, title: "Sessions Are Unavailable",
            message: "The session of this request could not be looked up. You are still signed in; try again in a moment.",
            reasonCode: "session-store-unavailable", detail: ResponseCodeDetail.authorizationUnavailable.rawValue, retryAfter: 5)
        return settings.renderer.render(reply, for: request.head, requestID: request.requestID)
    }

    /// A key that cannot sign leaves the application without proof of who is there: better no answer than an unproven one.
    func unsigned(_ request: AuthorizationRequest) -> LocalResponse {
        let reply = LocalReply(
            status: 500, title: "Internal Error", message: "The identity assertion for this request could not be signed.",
            reasonCode: "assertion-failed", detail: ResponseCodeDetail.internalError.rawValue)
        return settings.renderer.render(reply, for: request.head, requestID: request.requestID)
    }

    private static let robots = LocalResponse(
        status: 200, headers: [("content-type", "text/plain; charset=utf-8")], body: Array("User-agent: *\nDisallow: /\n".utf8),
        detail: ResponseCodeDetail.authorizationDenied.rawValue)

    private func signIn(_ request: AuthorizationRequest) -> LocalResponse {
        let head = request.head
        let isSafe = head.methodView == "GET" || head.methodView == "HEAD"
        let isPageLoad = ReplyForm.isNavigation(head) && !SessionTokens.hasHeaderToken(head)
        let authority = head.hostView.string
        let browser = CookieFields(head).first(named: settings.cookies.browserName)?.string
        guard let step = try? redirector.step(authority: authority, target: returnTarget(request, isPageLoad: isPageLoad), browserCookie: browser)
        else { return unsigned(request) }
        var response: LocalResponse
        if isPageLoad, isSafe {
            response = LocalResponse(
                status: 302, headers: [("location", step.location), ("cache-control", "no-store")],
                detail: ResponseCodeDetail.authorizationDenied.rawValue)
        } else {
            // A form post is never turned into a GET behind the person's back.
            let reply = LocalReply(
                status: 401, title: "Unauthenticated", message: "Sign in to use this address.", reasonCode: Reason.userUnauthenticated.rawValue,
                detail: ResponseCodeDetail.authorizationDenied.rawValue, loginURL: step.location, headers: [("www-authenticate", "Pomerium")])
            response = settings.renderer.render(reply, for: head, requestID: request.requestID)
        }
        if let cookie = step.cookie { response.headers.append(("set-cookie", cookie.headerValue)) }
        return response
    }

    /// Where to land after sign-in: the page asked for; for calls of scripts the page that made them, where the browser tells it.
    private func returnTarget(_ request: AuthorizationRequest, isPageLoad: Bool) -> String {
        let head = request.head
        let own = head.originTargetView.string
        if isPageLoad, head.methodView == "GET" || head.methodView == "HEAD" { return own }
        let origin = "https://\(head.hostView.string)/"
        if let referer = head.first(.referer)?.string, referer.hasPrefix(origin) {
            let path = referer.dropFirst(origin.count - 1).prefix { $0 != "#" }
            if path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return String(path) }
        }
        return head.methodView == "GET" ? own : "/"
    }

    private func render(
        _ request: AuthorizationRequest, _ active: ActiveSession?, status: Int, title: String, message: String, _ facts: RequestFacts,
        _ verdict: PolicyVerdict
    ) -> LocalResponse {
        let reasons = verdict.decisiveReasons.codes
        let head = request.head
        var switching: SignInRedirector.Step?
        if active != nil, ReplyForm.isNavigation(head), head.methodView == "GET" {
            let browser = CookieFields(head).first(named: settings.cookies.browserName)?.string
            switching = try? redirector.step(
                authority: head.hostView.string, target: head.originTargetView.string, browserCookie: browser, switchesUser: true)
        }
        let reply = LocalReply(
            status: status, title: title, message: message, reasonCode: reasons.first ?? "no-rule-allows",
            detail: ResponseCodeDetail.authorizationDenied.rawValue,
            signedInAs: active.map { $0.email.isEmpty ? $0.session.userID : $0.email },
            signInAgainURL: switching?.location, signOutURL: active == nil ? nil : "/.pomerium/sign_out",
            explanations: request.route.access.showErrorDetails ? explanations(request.route.access.policies, facts, verdict) : [],
            headers: switching?.cookie.map { [("set-cookie", $0.headerValue)] } ?? [])
        return settings.renderer.render(reply, for: request.head, requestID: request.requestID)
    }

    /// What the policy's author says, then what the codes say.
    private func explanations(_ policies: [CompiledPolicy], _ facts: RequestFacts, _ verdict: PolicyVerdict) -> [ErrorPage.Explanation] {
        let notes = PolicyEvaluator.notes(policies, facts).map { note in
            ErrorPage.Explanation(explanation: note.explanation, remediation: note.remediation, effect: .init(note.effect))
        }
        let reasons = verdict.deny ? verdict.denyReasons : verdict.allowReasons
        return notes
            + reasons.reasons.map { reason in
                ErrorPage.Explanation(explanation: "\(reason.sentence) (\(reason.rawValue))", effect: .deny)
            }
    }

    private static func words(_ reasons: ReasonSet) -> String {
        let sentences = reasons.reasons.map(\.sentence)
        let lead = "The access policy of this address does not include you"
        guard let first = sentences.first else { return "\(lead): no rule of it lets anybody in." }
        return "\(lead): \(([first] + sentences.dropFirst()).joined(separator: ", or "))."
    }
}

extension ErrorPage.Explanation.Effect {
    fileprivate init(_ effect: PolicyNote.Effect) {
        switch effect {
        case .allow: self = .allow
        case .deny: self = .deny
        case .neither: self = .neither
        }
    }
}

extension Reason {
    /// What the visitor lacks, without telling what the policy asks for.
    fileprivate var sentence: String {
        switch self {
        case .emailUnauthorized: "your e-mail address is not among those allowed"
        case .domainUnauthorized: "your e-mail domain is not among those allowed"
        case .groupsUnauthorized: "you are not in a group that is allowed"
        case .claimUnauthorized: "your account lacks a property that is asked for"
        case .userUnauthorized: "your account is not among those allowed"
        case .httpMethodUnauthorized, .httpMethodOK: "this kind of request is not allowed here"
        case .httpPathUnauthorized, .httpPathOK: "this path is not open to you"
        case .sourceIPUnauthorized, .sourceIPOK: "your network address is not allowed"
        case .dateUnauthorized, .dayOfWeekUnauthorized, .timeOfDayUnauthorized, .dateOK, .dayOfWeekOK, .timeOfDayOK:
            "access is not open at this time"
        case .recordUnauthorized: "no record grants you access"
        case .reject: "the policy refuses everybody"
        case .nonCORSRequest: "this is no cross-origin check"
        default: "a rule of the policy excludes you"
        }
    }
}
