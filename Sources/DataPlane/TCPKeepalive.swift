import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Probes on connections that say nothing, so that a peer that is gone without a word is noticed: the network behind a NAT that lost power, a virtual
/// machine that was moved. A tunnel or a WebSocket would otherwise stay for ever. After a minute of silence a probe, then one each 30 seconds; ten without
/// an answer end the connection, so six minutes in all (tcp(7)). They also keep the entry of a NAT alive.
enum TCPKeepalive {
    private static let idle: Int = 60
    private static let interval: Int = 30
    private static let count: Int = 10

    /// Each with its value. Accepted connections inherit those of their listener.
    static let options: [(option: ChannelOptions.Types.SocketOption, value: Int)] = [
        (.init(level: .socket, name: .so_keepalive), 1),
        (.init(level: .tcp, name: .init(rawValue: idleName)), idle),
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPINTVL)), interval),
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPCNT)), count),
    ]

    #if canImport(Darwin)
        private static let idleName = TCP_KEEPALIVE
    #else
        private static let idleName = TCP_KEEPIDLE
    #endif
}
