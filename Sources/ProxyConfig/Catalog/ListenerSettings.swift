import Diagnostics
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.1.
    static let listeners = SettingGroup(
        title: "Process and listeners",
        settings: [
            .custom(
                "address", type: "address", default: ":443",
                """
                Main listener, `host:port`; without a host on all addresses of both families. Without a port 443, or 80 with `insecure_server`.
                """
            ) { entry, context in
                let insecure = context.entries["insecure_server"].map {
                    $0.value.scalarText.map { ["true", "1", "t"].contains($0.lowercased()) } ?? false
                }
                if let address = entry.address(defaultPort: insecure ?? false ? 80 : 443, context: &context) { context.settings.address = address }
            },
            .custom(
                "http_redirect_addr", type: "address", default: "off",
                "A second listener without TLS that sends every visitor to `https`. Without a port 80."
            ) { entry, context in
                guard let text = entry.string(&context.report) else { return }
                let bare = text.filter { $0 != "\"" && $0 != "'" }
                guard !bare.isEmpty else { return }
                let unquoted = ConfigEntry(key: entry.key, keyPosition: entry.keyPosition, value: .init(.string(bare), at: entry.position))
                context.settings.httpRedirectAddr = unquoted.address(defaultPort: 80, context: &context)
            },
            .bool(
                "insecure_server", \.insecureServer,
                "The main listener speaks HTTP without TLS, because something in front of it ends TLS. Addresses and cookies stay those of `https`."),
            .bool(
                "use_proxy_protocol", \.useProxyProtocol,
                """
                Every connection to `address` and `http_redirect_addr` must begin with a PROXY header, version 1 or 2, as load balancers send it; \
                policies, logs and `X-Forwarded-For` then name the client that it names. Other connections are closed, those whose header \
                takes longer than 10 seconds too.
                """),
            .custom(
                "health_check_addr", type: "address", default: "127.0.0.1:28080",
                "Where the probes `/status`, `/startupz`, `/readyz` and `/healthz` answer over plain HTTP."
            ) { entry, context in
                if let address = entry.address(defaultPort: nil, context: &context) { context.settings.healthCheckAddr = address }
            },
            .integer(
                "max_client_connections", \.maxClientConnections, in: 1...10_000_000,
                """
                Connections that clients may have open at a time, on `address` and `http_redirect_addr` together; more are closed at once. Never more \
                than half of the files that the process may have open, as each may need a connection to an application.
                """),
            .custom(
                "max_client_connections_per_address", type: "integer", default: "half of all",
                """
                How many of them one address may have, so that nobody can shut the others out: an IPv4 address, a /64 of IPv6, with \
                `use_proxy_protocol` the one that the header names. `0` is any number, for a load balancer whose address all connections come from.
                """
            ) { entry, context in
                if let value = entry.integer(in: 0...10_000_000, &context.report) { context.settings.maxClientConnectionsPerAddress = value }
            },
            .custom(
                "memory_limit", type: "size, or share", default: MemoryLimit.standard.description,
                """
                Memory that the process may take: a number of bytes, also with a unit (`512MiB`, `1.5GiB`, `2GB`), or a share of what there is (`85%`), \
                which is the tighter of the limit of its container (cgroup) and the memory of the machine. Near the limit few new connections are let \
                in and those that rest are closed; at the limit requests are answered 503 with the detail `overload`; if that does not help, requests \
                under way are cut. Probes are always answered. `0` is no limit.
                """
            ) { entry, context in
                if let limit = entry.memoryLimit(&context.report) { context.settings.memoryLimit = limit }
            },
            .duration(
                "shutdown_drain_timeout", \.shutdownDrainTimeout,
                "How long running requests, streams and tunnels may go on after SIGTERM or SIGINT; a second signal ends them. `0` ends them at once."),
            .duration(
                "shutdown_delay", \.shutdownDelay,
                """
                After SIGTERM or SIGINT `/readyz` fails at once, and connections are still accepted for this long, until load balancers have seen it.
                """),
            .custom(
                "data_dir", type: "path", default: "see text",
                """
                Where secrets and records are kept; made with mode 0700 if it is missing. Without it `$XDG_DATA_HOME/postern`, else \
                `~/.local/share/postern`, else `/var/lib/postern`.
                """
            ) { entry, context in
                if let path = entry.nonEmptyString(&context.report) { context.settings.dataDir = path }
            },
            .custom(
                "services", type: "`all`", default: "all", "One process does everything; other values split it, which this version does not."
            ) { entry, context in
                guard let text = entry.string(&context.report) else { return }
                let names = text.lowercased().split(separator: ",").map { $0.filter { $0 != " " } }
                for name in names where !["all", "authenticate", "authorize", "proxy", "databroker", "cache"].contains(name) {
                    context.report.error("unknown-value", "config: \(name) is an invalid service type", at: entry.position)
                }
                guard names.contains(where: { $0 != "all" }) else { return }
                context.report.error(
                    "unsupported-setting", "services cannot be split in this version: every process does all of them", at: entry.position,
                    help: "write services: all")
            },
            .custom(
                "codec_type", type: "`auto`, `http1`, `http2`", default: "auto",
                """
                Versions of HTTP that the main listener offers in the TLS handshake: both, or one alone. Without TLS, whoever begins with the \
                preface of HTTP/2 is answered in it.
                """
            ) { entry, context in
                guard let text = entry.string(&context.report)?.lowercased(), !text.isEmpty else { return }
                switch text {
                case "auto", "http1", "http2": context.settings.offersHTTP = (text != "http2", text != "http1")
                case "http3":
                    context.report.warning(
                        "unsupported-setting", "codec_type http3 is not supported by this version: HTTP/1.1 and HTTP/2 are offered",
                        at: entry.position)
                default:
                    context.report.error(
                        "unknown-value", "unsupported enum value \(text) for codec_type", at: entry.position,
                        help: "the values are auto, http1 and http2")
                }
            },
            .notYet("debug_address", "there is no debug listener"),
            .notYet("health_check_systemd_disabled", "systemd is not notified"),
            .notYet("grpc_address", "there is no gRPC listener"),
            .notYet("grpc_insecure", "there is no gRPC listener"),
            .ignored("grpc_client_timeout", "decisions are made in the same process"),
            .ignored("http3_advertise_port", "HTTP/3 is not offered"),
            .ignored("installation_id", "it labels telemetry that is not sent"),
        ])
}

extension ConfigEntry {
    func address(defaultPort: UInt16?, context: inout SettingsDecodingContext) -> ListenAddress? {
        guard let text = string(&context.report) else { return nil }
        do {
            return try ListenAddress(text, defaultPort: defaultPort)
        } catch {
            context.report.error(
                "invalid-address", "config: invalid \(key): \(error.message)", at: position, help: "write host:port or :port, for example :8443")
            return nil
        }
    }

    func memoryLimit(_ report: inout DiagnosticReport) -> MemoryLimit? {
        guard let text = string(&report) else { return nil }
        do {
            return try MemoryLimit(text)
        } catch {
            report.error("invalid-size", "\(key): \(error.message)", at: position, help: error.help)
            return nil
        }
    }
}
