import Authorize
import HTTPEndpoints
import HTTPTypes
import LocalReplies
import Observability
import PolicyLanguage
import Records
import Sessions

/// Who may use the APIs for administrators: people of the `administrators` setting with a session at the authenticate host.
struct AdministratorGate: Sendable {
    private let resolver: SessionResolver
    private let authorize: AuthorizeSettings
    private let administrators: [String]

    init(resolver: SessionResolver, authorize: AuthorizeSettings, administrators: [String]) {
        self.resolver = resolver
        self.authorize = authorize
        self.administrators = administrators
    }

    /// The 401 or 403 in JSON; nil for an administrator.
    func refusal(of request: ControlRequest) async throws -> ControlResponse? {
        let resolved = try await resolver.authenticateSession(of: request)
        guard let resolved, resolved.session.providerID == authorize.providerID else {
            return answer(
                request, 401, "Unauthenticated", "Sign in at the authenticate host to use this address.", Reason.userUnauthenticated.rawValue,
                loginURL: "https://\(authorize.authenticateAuthority)/.pomerium/")
        }
        let email = resolved.user?.email ?? ""
        // Anybody can name an address at a provider that does not look whose it is.
        let isUnverified = [resolved.session.claims["email_verified"], resolved.user?.claims["email_verified"]].contains { values in
            values?.contains { $0.text == "false" } ?? false
        }
        // By bytes: two spellings that Unicode calls equivalent are two addresses.
        guard !email.isEmpty, !isUnverified, administrators.contains(where: { $0.utf8.elementsEqual(email.utf8) }) else {
            return answer(request, 403, "Forbidden", "This address is for the people in the setting administrators.", "not-an-administrator")
        }
        return nil
    }

    /// An answer in the form of all others.
    func answer(
        _ request: ControlRequest, _ status: Int, _ title: String, _ message: String, _ reason: String, loginURL: String? = nil
    ) -> ControlResponse {
        let reply = LocalReply(
            status: status, title: title, message: message, reasonCode: reason, detail: ResponseCodeDetail.directResponse.rawValue,
            loginURL: loginURL,
            headers: loginURL == nil ? [] : [("www-authenticate", "Pomerium")])
        return ControlResponse(authorize.renderer.render(reply, as: .json, requestID: request.requestID))
    }
}
