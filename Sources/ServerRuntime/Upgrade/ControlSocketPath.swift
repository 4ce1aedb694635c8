import Foundation

/// Where the process of a data directory is spoken to by its successor.
enum ControlSocketPath {
    static let name = "control.sock"

    /// Calls `body` with the address of a file in the directory, by a short way where the path is too long for a socket.
    static func withAddress<Result>(_ name: String, in directory: DataDirectory, _ body: (UnixAddress) -> Result) -> Result? {
        if let address = UnixAddress(directory.file(name)) { return body(address) }
        let descriptor = open(directory.path, O_DIRECTORY | O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return UnixAddress("/proc/self/fd/\(descriptor)/\(name)").map(body)
    }

    /// Waits at most this long for the other side.
    static func limit(_ descriptor: CInt, seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }
}
