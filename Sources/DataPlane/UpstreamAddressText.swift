import NIOCore

/// How the address of an upstream is written in the access log.
enum UpstreamAddressText {
    /// `10.0.0.5:8080`, `[::1]:8080`, or the path of a Unix socket.
    static func make(_ address: SocketAddress) -> String {
        guard let ip = address.ipAddress, let port = address.port else { return address.pathname ?? "" }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}
