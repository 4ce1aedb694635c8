import Diagnostics
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.5.
    static let serviceAddresses = SettingGroup(
        title: "Service addresses",
        settings: [
            .custom(
                "authenticate_service_url", type: "URL", default: "see text",
                """
                The host where people sign in, `https://` and nothing behind the host. Its DNS name leads to this proxy. Without it, and as long as \
                all routes are below `localhost`, `https://authenticate.localhost` on the port of `address`.
                """
            ) { entry, context in
                let text = entry.value.scalarText ?? ""
                guard let url = entry.url(&context.report, or: { "config: bad authenticate-url \(text) : \($0)" }) else { return }
                guard ["https", "http"].contains(url.scheme), !url.host.contains("*"), !url.hasUserInfo else {
                    context.report.error(
                        "invalid-url", "config: bad authenticate-url \(text) : expected https://host", at: entry.position)
                    return
                }
                if url.scheme == "http" {
                    context.report.warning(
                        "insecure-url", "authenticate_service_url does not use https, browsers will not keep its cookies", at: entry.position)
                }
                if url.path != "" && url.path != "/" || url.query != nil {
                    context.report.warning("ignored-path", "path and query of authenticate_service_url are ignored", at: entry.position)
                }
                context.settings.authenticateServiceURL = url
            },
            .custom(
                "signout_redirect_url", type: "URL", default: "–", "Where people are sent after they signed out."
            ) { entry, context in
                let text = entry.value.scalarText ?? ""
                guard !text.isEmpty else { return }
                guard let url = entry.url(&context.report, or: { "config: bad signout-redirect-url \(text) : \($0)" }) else { return }
                guard ["https", "http"].contains(url.scheme) else {
                    context.report.error("invalid-url", "config: bad signout-redirect-url \(text) : expected https://…", at: entry.position)
                    return
                }
                context.settings.signoutRedirectURL = url
            },
            .ignored("authenticate_internal_service_url", "the services are one process"),
            .ignored("authorize_service_url", "the services are one process"),
            .ignored("authorize_service_urls", "the services are one process"),
            .ignored("authorize_internal_service_url", "the services are one process"),
            .ignored("databroker_service_url", "the services are one process"),
            .ignored("databroker_service_urls", "the services are one process"),
            .ignored("databroker_internal_service_url", "the services are one process"),
        ])
}
