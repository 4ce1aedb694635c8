/// The stable name of a route: 16 hex digits over its origin, its match and its destination.
public enum RouteIdentifier {
    /// The same for the same three, whatever else of the route changes. Lists of targets count in their order.
    public static func make(_ route: RouteDefinition) -> String {
        var parts: [String] = []
        if let from = route.from { parts += [from.scheme.rawValue, from.host.text, from.host.port.map { "\($0)" } ?? ""] }
        switch route.path {
        case .any: parts += ["any"]
        case .exact(let bytes): parts += ["path", String(decoding: bytes, as: UTF8.self)]
        case .prefix(let bytes): parts += ["prefix", String(decoding: bytes, as: UTF8.self)]
        case .regex(let regex): parts += ["regex", regex.pattern]
        }
        if let redirect = route.redirect {
            parts += [
                "redirect", "\(redirect.httpsRedirect)", redirect.schemeRedirect ?? "", redirect.hostRedirect ?? "",
                redirect.portRedirect.map { "\($0)" } ?? "", redirect.pathRedirect ?? "", redirect.prefixRewrite ?? "",
            ]
        } else if let response = route.response {
            parts += ["response", "\(response.status)", response.body]
        } else {
            parts += ["to"] + route.to.map { "\($0.scheme.rawValue)://\($0.host):\($0.port)" } + [route.toPath ?? ""]
        }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in parts.map({ "\($0.utf8.count):\($0)" }).joined().utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
