import Foundation
import Logging
import Synchronization

/// The Unix socket in the data directory (mode 0600) at which a successor asks for the listening sockets.
///
/// The successor says `take-over`, gets the descriptors, begins to accept, and says `serving`; only then does this process stop accepting and
/// drain. If it goes away before that, nothing has happened.
final class ControlSocket: Sendable {
    static let greeting = "take-over 1\n"
    static let serving = "serving\n"
    static let draining = "draining\n"
    /// A successor has this many seconds to begin serving.
    static let patience = 60

    private struct State {
        var descriptor: CInt = -1
        /// Tells our file from that of a successor.
        var inode: Int = 0
    }

    private let directory: DataDirectory
    private let listeners: ListenerSet
    private let stop: StopRequest
    private let logger: Logger
    private let state = Mutex(State())

    init(directory: DataDirectory, listeners: ListenerSet, stop: StopRequest, logger: Logger) {
        self.directory = directory
        self.listeners = listeners
        self.stop = stop
        self.logger = logger
    }

    /// Takes the place of the socket of the process before this one. A failure is logged: the process serves without being replaceable.
    func open() {
        let temporary = ".\(ControlSocketPath.name).\(getpid())"
        let path = directory.file(temporary)
        unlink(path)
        let descriptor = socket(AF_UNIX, UnixAddress.stream, 0)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let isBound = ControlSocketPath.withAddress(temporary, in: directory) { address in
            address.withPointer { bind(descriptor, $0, $1) == 0 }
        }
        guard isBound == true, chmod(path, 0o600) == 0, listen(descriptor, 4) == 0, let stamp = FileStamp(path),
            rename(path, directory.file(ControlSocketPath.name)) == 0
        else {
            logger.warning("no control socket: this process cannot be taken over from", metadata: ["error": "\(String(cString: strerror(errno)))"])
            if descriptor >= 0 { Foundation.close(descriptor) }
            unlink(path)
            return
        }
        state.withLock { $0 = State(descriptor: descriptor, inode: stamp.inode) }
        let thread = Thread { [self] in run(descriptor) }
        thread.name = "control-socket"
        thread.start()
    }

    /// Nobody can take over any more.
    func close() {
        let closed = state.withLock { state in
            defer { state = State() }
            return state
        }
        guard closed.descriptor >= 0 else { return }
        let path = directory.file(ControlSocketPath.name)
        if FileStamp(path)?.inode == closed.inode { unlink(path) }
        // The thread closes the descriptor when it wakes up.
        shutdown(closed.descriptor, Int32(SHUT_RDWR))
    }

    private var isOpen: Bool { state.withLock { $0.descriptor >= 0 } }

    private func run(_ descriptor: CInt) {
        while isOpen {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                // Out of descriptors: try again when there are some.
                if isOpen { Thread.sleep(forTimeInterval: 0.5) }
                continue
            }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            serve(client)
            Foundation.close(client)
        }
        Foundation.close(descriptor)
    }

    private func serve(_ client: CInt) {
        ControlSocketPath.limit(client, seconds: Self.patience)
        guard isOurs(client), DescriptorMessage.receive(from: client)?.text == Self.greeting else { return }
        let sockets = currentSockets()
        guard !sockets.isEmpty, DescriptorMessage.send("sockets \(sockets.count)\n", sockets.map(\.descriptor), to: client) else { return }
        logger.info("handed the listening sockets over", metadata: ["sockets": "\(sockets.count)"])
        guard DescriptorMessage.receive(from: client)?.text == Self.serving else {
            logger.warning("the process that asked for the listening sockets did not begin to serve, this one goes on")
            return
        }
        logger.info("another process serves now, this one drains")
        stop.request(.takenOver)
        _ = DescriptorMessage.send(Self.draining, [], to: client)
    }

    /// The same user, or root.
    private func isOurs(_ client: CInt) -> Bool {
        // `struct ucred` of unix(7): process, user, group.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(3 * MemoryLayout<UInt32>.size)
        guard getsockopt(client, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return false }
        return credentials[1] == geteuid() || credentials[1] == 0
    }

    /// On the thread of this socket, which may wait.
    private func currentSockets() -> [ListeningSocket] {
        let (found, listeners) = (Found(), listeners)
        Task {
            let sockets = await listeners.sockets.map(\.socket)
            found.sockets.withLock { $0 = sockets }
            found.isDone.signal()
        }
        found.isDone.wait()
        return found.sockets.withLock { $0 }
    }

    private final class Found: Sendable {
        let sockets = Mutex<[ListeningSocket]>([])
        let isDone = DispatchSemaphore(value: 0)
    }
}
