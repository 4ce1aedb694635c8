import Diagnostics
import Routing

/// `kubernetes_service_account_token_file`.
struct KubernetesServiceAccountTokenFileOption: RouteOption {
    let key = "kubernetes_service_account_token_file"
    let reference = RouteOptionReference(
        type: "path", defaultValue: "–",
        text: "As `kubernetes_service_account_token`, from a file; a line end behind the token does not count. Read again when it changes.",
        example: "kubernetes_service_account_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard !context.has("kubernetes_service_account_token") else {
            context.report.error(
                "contradictory-tokens",
                "config: specified both `kubernetes_service_account_token_file` and `kubernetes_service_account_token`", at: entry.keyPosition,
                help: "remove one of them")
            return
        }
        guard let text = context.file(named: entry, or: { "config: couldn't load kubernetes service account token file: \($0)" }) else { return }
        route.kubernetesServiceAccountToken = entry.bearerToken(text, &context)
    }
}
