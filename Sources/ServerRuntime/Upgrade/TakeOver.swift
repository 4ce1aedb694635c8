import Diagnostics
import Foundation
import Logging

/// The side of the new process in an upgrade: gets the listening sockets from the process that serves the same data directory.
final class TakeOver: Sendable {
    let sockets: [ListeningSocket]
    private let connection: CInt
    private let logger: Logger

    private init(sockets: [ListeningSocket], connection: CInt, logger: Logger) {
        self.sockets = sockets
        self.connection = connection
        self.logger = logger
    }

    /// The old process drops the request when this is closed before ``complete()``.
    deinit { close(connection) }

    /// Nil where no process serves the directory. Throws where there is one, and it does not hand its sockets over.
    static func begin(in directory: DataDirectory, logger: Logger) throws -> TakeOver? {
        let connection = socket(AF_UNIX, UnixAddress.stream, 0)
        guard connection >= 0 else { throw failure("no socket: \(String(cString: strerror(errno)))") }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        ControlSocketPath.limit(connection, seconds: 10)
        let isConnected = ControlSocketPath.withAddress(ControlSocketPath.name, in: directory) { address in
            address.withPointer { connect(connection, $0, $1) == 0 }
        }
        guard isConnected == true else {
            let code = errno
            close(connection)
            guard isConnected == nil || code == ENOENT || code == ECONNREFUSED else {
                throw failure("\(directory.file(ControlSocketPath.name)): \(String(cString: strerror(code)))")
            }
            logger.info("there is no process to take over from")
            return nil
        }
        guard DescriptorMessage.send(ControlSocket.greeting, [], to: connection), let answer = DescriptorMessage.receive(from: connection) else {
            close(connection)
            throw failure("it does not answer")
        }
        let sockets = answer.descriptors.compactMap { ListeningSocket(adopting: $0) }
        guard answer.text.hasPrefix("sockets "), !sockets.isEmpty else {
            close(connection)
            throw failure("it handed no sockets over")
        }
        logger.info("took the listening sockets over", metadata: ["sockets": "\(sockets.count)"])
        return TakeOver(sockets: sockets, connection: connection, logger: logger)
    }

    /// This process serves: the other one may stop.
    func complete() {
        guard DescriptorMessage.send(ControlSocket.serving, [], to: connection),
            DescriptorMessage.receive(from: connection)?.text == ControlSocket.draining
        else {
            logger.warning("the process before this one did not confirm that it stops")
            return
        }
        logger.info("the process before this one drains")
    }

    private static func failure(_ text: String) -> DiagnosticError {
        DiagnosticError(
            Diagnostic(
                code: "take-over", "cannot take over from the running process: \(text)",
                help: "both must run as the same user; without --take-over stop the other one first"))
    }
}
