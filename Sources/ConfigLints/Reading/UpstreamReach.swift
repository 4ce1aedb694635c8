import PolicyLanguage

/// How far away an upstream's host is, as far as its name tells.
enum UpstreamReach {
    case thisMachine
    /// A private address, or a name that no public zone has.
    case privateNetwork
    /// An address that anybody can have routed.
    case publicAddress
    /// A name that may lead anywhere.
    case unknown

    var isThisMachine: Bool { self == .thisMachine }

    init(_ host: String) {
        let name = host.lowercased()
        if let address = IPAddress(name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name) {
            if Self.loopback.contains(where: { $0.contains(address) }) {
                self = .thisMachine
            } else {
                self = Self.inside.contains { $0.contains(address) } ? .privateNetwork : .publicAddress
            }
        } else if name == "localhost" || name.hasSuffix(".localhost") {
            self = .thisMachine
        } else if !name.contains(".") || Self.privateEndings.contains(where: { name.hasSuffix($0) }) {
            self = .privateNetwork
        } else {
            self = .unknown
        }
    }

    private static let loopback = ["127.0.0.0/8", "::1"].compactMap { IPRange($0) }
    /// RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 section 2.5.6; 0.0.0.0 is this machine on Linux.
    private static let inside = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10", "0.0.0.0",
    ]
    .compactMap { IPRange($0) }
    /// RFC 6761, RFC 6762, RFC 8375, the reserved `internal`, and what Kubernetes and home routers use.
    private static let privateEndings = [
        ".internal", ".local", ".lan", ".home", ".home.arpa", ".test", ".svc", ".cluster.local", ".corp", ".intranet", ".private",
    ]
}
