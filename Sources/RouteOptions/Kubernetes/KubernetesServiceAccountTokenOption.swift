import Diagnostics
import Routing

/// `kubernetes_service_account_token`.
struct KubernetesServiceAccountTokenOption: RouteOption {
    let key = "kubernetes_service_account_token"
    let reference = RouteOptionReference(
        type: "string", defaultValue: "–",
        text: """
            The application is a Kubernetes API server: requests carry this token as `Authorization`, the person's e-mail address as \
            `Impersonate-User` and each of the groups as `Impersonate-Group`, so that the cluster's own roles decide. What the visitor sent under \
            these names, and as `Impersonate-Extra-…`, is removed; without a person there is no token either. `Upgrade: websocket` and `spdy/3.1` are \
            allowed, and both timeouts are off unless they are set.
            """,
        example: "kubernetes_service_account_token: eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.e30.c2ln")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let text = entry.nonEmptyString(&context.report) else { return }
        route.kubernetesServiceAccountToken = entry.bearerToken(text, &context)
    }
}

extension ConfigEntry {
    /// A token without the line end that files have; it must fit into a header.
    func bearerToken(_ text: String, _ context: inout RouteDecodingContext) -> String? {
        var token = text[...]
        while let last = token.unicodeScalars.last, last == "\n" || last == "\r" { token.unicodeScalars.removeLast() }
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), FieldSyntax.isValue(String(token)) else {
            context.report.error("invalid-token", "\(key) must hold one token without blanks", at: position)
            return nil
        }
        return String(token)
    }
}
