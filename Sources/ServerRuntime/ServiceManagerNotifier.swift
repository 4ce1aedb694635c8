import Foundation

/// Speaks to systemd where it runs this process: `Type=notify` (sd_notify(3)), sockets handed over at the start (sd_listen_fds(3)).
struct ServiceManagerNotifier: Sendable {
    private let path: String?

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    }

    /// Also names this process as the main one, which it becomes when it takes over.
    func ready() { send("READY=1\nMAINPID=\(getpid())\n") }

    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)\n")
    }

    func reloaded() { send("READY=1\n") }

    func stopping() { send("STOPPING=1\n") }

    /// The listening sockets that systemd opened for this process.
    static func sockets(environment: [String: String] = ProcessInfo.processInfo.environment) -> [ListeningSocket] {
        guard environment["LISTEN_PID"] == String(getpid()), let count = environment["LISTEN_FDS"].flatMap({ CInt($0) }), (1...64).contains(count)
        else { return [] }
        return (3..<3 + count).compactMap { ListeningSocket(adopting: $0) }
    }

    private func send(_ text: String) {
        guard let path, let address = UnixAddress(path) else { return }
        let descriptor = socket(AF_UNIX, UnixAddress.datagram, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        _ = address.withPointer { pointer, length in
            bytes.withUnsafeBytes { sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), pointer, length) }
        }
    }
}
