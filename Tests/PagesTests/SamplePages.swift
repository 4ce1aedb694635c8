import Foundation
import Pages

/// One page of every kind and state, as the golden files and the escaping tests use them.
enum SamplePages {
    static let requestID = "5b2f6c0e-8d1a-4f57-9a3c-1f0e6f6a9d11"

    static func all(_ text: (String) -> String = { $0 }) -> [(name: String, html: (Branding) -> String)] {
        errors(text) + signIn(text) + information(text)
    }

    private static func errors(_ text: (String) -> String) -> [(name: String, html: (Branding) -> String)] {
        let forbidden = ErrorPage.forbidden(
            reason: text("you are in none of the groups that may open it"), reasonCode: text("groups-unauthorized"),
            requestID: text(requestID), signedInAs: text("ann@example.com"), signInAgainURL: text("/.pomerium/sign_out?again=1&x=2"),
            signOutURL: text("/.pomerium/sign_out"))
        let explained = ErrorPage.forbidden(
            reasonCode: text("deny"), requestID: text(requestID), signedInAs: text("ann@example.com"), signInAgainURL: nil,
            explanations: [
                .init(
                    explanation: text("Only devices of the company may open payroll."),
                    remediation: text("Enrol this device at the help desk."), effect: .deny),
                .init(explanation: text("Members of finance may open payroll."), effect: .allow),
            ])
        let notFound = ErrorPage(
            status: 404, title: text("There is no such page"), message: text("No application is published at app.example.com/none."),
            reasonCode: text("route-not-found"), detail: text("route_not_found"), requestID: text(requestID))
        let refused = ErrorPage.upstreamFailure(
            .init(.connectionRefused, target: text("http://10.0.0.5:8080")), status: 503, requestID: text(requestID),
            retryURL: text("/reports?month=3"))
        let name = ErrorPage.upstreamFailure(
            .init(.certificateName, target: text("https://10.0.0.5:8443"), hint: text("The certificate is for db.example.com.")),
            status: 502, requestID: text(requestID))
        let overloaded = ErrorPage.upstreamFailure(.init(.overloaded), status: 503, requestID: text(requestID))
        let you = ErrorPage.upstreamFailure(.init(.connectionReset, failedParty: .you), status: 400, requestID: text(requestID))
        return [
            ("error-403", { forbidden.render(branding: $0) }), ("error-403-explained", { explained.render(branding: $0) }),
            ("error-404", { notFound.render(branding: $0) }), ("error-503-refused", { refused.render(branding: $0) }),
            ("error-502-certificate-name", { name.render(branding: $0) }), ("error-503-overloaded", { overloaded.render(branding: $0) }),
            ("error-400-you", { you.render(branding: $0) }),
        ]
    }

    private static func signIn(_ text: (String) -> String) -> [(name: String, html: (Branding) -> String)] {
        let csrf = FormField(name: text("csrf_token"), value: text("u2V0LWJ5LXRoZS1zZXJ2ZXI"))
        let action = text("/.pomerium/sign_in?pomerium_redirect_uri=https%3A%2F%2Fapp.example.com%2F&state=1")
        let form = SignInFormPage(
            action: action, hiddenFields: [csrf], applicationName: text("app.example.com"), requestID: text(requestID))
        var failed = form
        failed.email = text("ann@example.com")
        failed.errorText = text("Email or password is wrong.")
        failed.noticeText = text("Your last session has expired.")
        var throttled = form
        throttled.email = text("ann@example.com")
        throttled.throttledUntil = text("2026-03-01 14:05 UTC")
        let confirm = SignOutConfirmPage(
            form: .init(action: text("/.pomerium/sign_out"), hiddenFields: [csrf]), signedInAs: text("ann@example.com"), cancelURL: text("/"),
            requestID: text(requestID))
        let signedOut = SignedOutPage(signInURL: text("https://app.example.com/"), requestID: text(requestID))
        let cookies = CookiesRequiredPage(
            host: text("authenticate.example.com"), retryURL: text("https://app.example.com/"), requestID: text(requestID))
        return [
            ("sign-in", { form.render(branding: $0) }), ("sign-in-failed", { failed.render(branding: $0) }),
            ("sign-in-throttled", { throttled.render(branding: $0) }), ("sign-out-confirm", { confirm.render(branding: $0) }),
            ("signed-out", { signedOut.render(branding: $0) }), ("cookies-required", { cookies.render(branding: $0) }),
            ("cookies-required-bare", { CookiesRequiredPage().render(branding: $0) }),
        ]
    }

    private static func information(_ text: (String) -> String) -> [(name: String, html: (Branding) -> String)] {
        let user = UserInfoPage(
            .signedIn(
                .init(
                    id: text("1042"), email: text("ann@example.com"), name: text("Ann Example"), groups: [text("eng"), text("on-call")],
                    claims: [
                        .init(name: text("sub"), value: text("1042")), .init(name: text("email_verified"), value: text("true")),
                        .init(name: text("picture"), value: text("https://example.com/a/very/long/address/of/a/picture/of/ann.png")),
                    ],
                    sessionID: text("7f3c9a52-11aa-4f6e-8c55-02d3a1b6c7d8"), expiresAt: Date(timeIntervalSince1970: 1_772_373_900),
                    signOut: .init(action: text("/.pomerium/sign_out"), hiddenFields: [.init(name: text("csrf"), value: text("c"))]),
                    routesURL: text("/.pomerium/routes"))), requestID: text(requestID))
        let bare = UserInfoPage(.signedIn(.init(id: text("1042"))))
        let anonymous = UserInfoPage(.anonymous(signInURL: text("/.pomerium/sign_in")))
        let claims = [NamedValue(name: text("iss"), value: text("app.example.com")), .init(name: text("email"), value: text("ann@example.com"))]
        let headers = [
            NamedValue(name: text("Host"), value: text("app.example.com")),
            NamedValue(name: text("X-Pomerium-Jwt-Assertion"), value: text(String(repeating: "eyJhbGciOiJFUzI1NiJ9.", count: 12))),
        ]
        var checks = ["signature", "aud", "iss", "exp"].map { VerifyPage.Check(name: text($0), passed: true, text: text("as expected")) }
        let verified = VerifyPage(
            method: text("GET"), path: text("/hello?a=1"), headers: headers, claims: claims, checks: checks, requestID: text(requestID))
        checks[1].passed = false
        checks[1].text = text("is other.example.com, expected app.example.com")
        let unverified = VerifyPage(method: text("GET"), path: text("/"), headers: headers, claims: [], checks: checks)
        let routes = RoutesPage(
            routes: [
                .init(
                    name: text("Wiki"), from: text("https://wiki.example.com"), description: text("The knowledge base"),
                    logoURL: text("https://cdn.example.com/wiki.svg")),
                .init(
                    name: text("Database"), from: text("tcp+https://db.example.com:5432"), connectCommand: text("postern tcp db.example.com:5432")),
                .init(name: "", from: text("https://grafana.example.com")),
            ], signedInAs: text("ann@example.com"))
        return [
            ("user-info", { user.render(branding: $0) }), ("user-info-bare", { bare.render(branding: $0) }),
            ("user-info-anonymous", { anonymous.render(branding: $0) }), ("verify", { verified.render(branding: $0) }),
            ("verify-failed", { unverified.render(branding: $0) }), ("routes", { routes.render(branding: $0) }),
            ("routes-none", { RoutesPage(routes: []).render(branding: $0) }),
        ]
    }
}
