import NIOCore
import NIOSSL

extension Channel {
    /// Closes without the goodbye of TLS, which would wait for the client's and hold the connection's memory as long. What was not sent is lost.
    func closeBelowTLS() {
        if let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            tls.close(promise: nil)
        } else {
            close(promise: nil)
        }
    }
}
