import Diagnostics
import PolicyLanguage
import Routing

/// Rules that hold between global settings.
enum SettingsConsistency {
    static func check(_ context: inout SettingsDecodingContext) {
        checkIdentityProvider(&context)
        let settings = context.settings
        if let redirect = settings.httpRedirectAddr, redirect == settings.address {
            context.report.error(
                "same-address", "http_redirect_addr and address are the same listener", at: context.entries["http_redirect_addr"]?.position)
        }
        if let metrics = settings.metricsAddress, [settings.address, settings.httpRedirectAddr, settings.healthCheckAddr].contains(metrics) {
            context.report.error(
                "same-address", "metrics_address is the address of another listener", at: context.entries["metrics_address"]?.position)
        }
        if settings.cookieSameSite == SameSitePolicy.none, settings.cookieDomain != nil {
            context.report.warning(
                "weak-cookies", "cookie_same_site none with a cookie_domain lets every site send requests as the visitor to every host below it",
                at: context.entries["cookie_same_site"]?.position)
        }
    }

    private static func checkIdentityProvider(_ context: inout SettingsDecodingContext) {
        let settings = context.settings
        if settings.idpProvider == "embedded" {
            let keys = ["idp_client_id", "idp_client_secret", "idp_client_secret_file", "idp_provider_url", "idp_scopes", "idp_request_params"]
            guard let entry = keys.compactMap({ context.entries[$0] }).filter({ !$0.value.isOff }).min(by: { $0.keyPosition < $1.keyPosition }) else {
                return
            }
            let written = context.entries["idp_provider"]?.value.scalarText?.lowercased() ?? "embedded"
            // Another name was refused already.
            guard written == "embedded" else { return }
            if context.entries["idp_provider"] == nil {
                context.report.error(
                    "missing-provider", "identity: provider is not defined, but \(entry.key) is set", at: entry.keyPosition,
                    help: "write idp_provider: oidc, or the name of your provider")
            } else {
                context.report.error(
                    "contradictory-provider", "the embedded identity provider has no \(entry.key)", at: entry.keyPosition, help: "remove it")
            }
            return
        }
        let position = context.entries["idp_provider"]?.position
        if context.entries["idp_provider"].flatMap({ $0.value.scalarText?.lowercased() }) != settings.idpProvider { return }
        if settings.idpClientID.isEmpty {
            context.report.error("missing-client", "idp_provider \(settings.idpProvider) needs idp_client_id", at: position)
        }
        let needsURL = ["oidc", "okta", "auth0", "cognito", "ping"].contains(settings.idpProvider)
        if needsURL, settings.idpProviderURL == nil, context.entries["idp_provider_url"].map({ $0.value.isOff }) ?? true {
            context.report.error(
                "missing-provider-url", "identity/oidc: missing provider url", at: position, help: "set idp_provider_url to the issuer, https://…")
        }
        if let url = settings.idpProviderURL, url.scheme == "http", !url.isLoopback {
            context.report.warning(
                "insecure-url", "idp_provider_url does not use https: whoever is between can sign in as anybody",
                at: context.entries["idp_provider_url"]?.position)
        }
    }
}

extension AbsoluteURL {
    /// The host can only be this machine.
    var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host.hasPrefix("127.") || host == "[::1]"
    }
}
