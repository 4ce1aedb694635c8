import Diagnostics
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration sections 2.8 and 2.9.
    static let identityProvider = SettingGroup(
        title: "Identity provider",
        settings: [
            .custom(
                "idp_provider", type: names.map { "`\($0)`" }.joined(separator: ", "), default: "embedded",
                "Who signs people in. `embedded` is the product's own provider and needs no further setting; `oidc` is any OpenID Connect provider."
            ) { entry, context in
                guard let name = entry.nonEmptyString(&context.report)?.lowercased() else { return }
                guard !later.contains(name) else {
                    context.report.error(
                        "unsupported-setting", "idp_provider \(name) is not supported by this version", at: entry.position,
                        help: "most providers work as oidc, with their issuer as idp_provider_url")
                    return
                }
                guard names.contains(name) else {
                    let message =
                        name == "hosted" ? "idp_provider hosted depends on a service of its vendor" : "identity: unknown provider: \(name)"
                    context.report.error(
                        "unknown-value", message, at: entry.position,
                        help: Suggestion.nearest(to: name, in: names).map { "did you mean \($0)?" }
                            ?? "the providers are \(names.joined(separator: ", "))")
                    return
                }
                context.settings.idpProvider = name
            },
            .custom(
                "idp_provider_url", type: "URL", default: "the provider's own",
                "The issuer. Needed for `oidc` and `okta`."
            ) {
                entry, context in
                guard let text = entry.value.scalarText, !text.isEmpty else { return }
                guard let url = entry.url(&context.report, or: { "identity/oidc: invalid provider url: \($0)" }) else { return }
                guard ["https", "http"].contains(url.scheme), !url.hasUserInfo, !url.host.contains("*") else {
                    context.report.error("invalid-url", "identity/oidc: invalid provider url: \(text)", at: entry.position, help: "write https://…")
                    return
                }
                context.settings.idpProviderURL = url
            },
            .string("idp_client_id", \.idpClientID, "The client that the provider knows this proxy as."),
            .custom("idp_client_secret", type: "string", default: "–", "The client's secret; without it the client is a public one.") {
                entry, context in
                context.clientSecret(entry)
            },
            .custom("idp_client_secret_file", type: "path", default: "–", "As `idp_client_secret`, from a file; wins where both are set.") {
                entry, context in context.clientSecret(entry)
            },
            .custom(
                "idp_scopes", type: "list of strings", default: "the provider's own", "Replaces the scopes that the provider is asked for.",
                form: .list
            ) { entry, context in
                guard let scopes = entry.strings(&context.report) else { return }
                let all = scopes.flatMap { $0.split(separator: " ").map(String.init) }
                context.settings.idpScopes = all.isEmpty ? nil : all
            },
            .custom(
                "idp_request_params", type: "object", default: "the provider's own",
                "Further parameters of the sign-in request, in place of the provider's own.", form: .object
            ) { entry, context in
                guard let map = entry.stringMap(&context.report) else { return }
                context.settings.idpRequestParams = Dictionary(map.map { ($0.name.key, $0.value) }, uniquingKeysWith: { _, last in last })
            },
            .notYet("idp_access_token_allowed_audiences", "access tokens are not accepted as bearer tokens"),
            .notYet(
                "bearer_token_format", refused: true, harmless: ["default", "bearer_token_format_default"],
                "bearer tokens are passed to the application untouched"),
            .notYet("identity_providers", refused: true, "tokens of other issuers are not accepted"),
        ])

    private static let names = ["embedded", "oidc", "google", "azure", "okta", "github"]
    /// Names that other products' configurations have.
    private static let later = ["gitlab", "auth0", "onelogin", "cognito", "ping", "apple"]
}

extension SettingsDecodingContext {
    mutating func clientSecret(_ entry: ConfigEntry) {
        if let text = secretText(entry, or: { "config: idp client secret: \($0)" }) { settings.idpClientSecret = text }
    }
}
