/// Where a listener binds: `:8443`, `127.0.0.1:80`, `[::1]:443`.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// Name or IP literal without brackets; empty means every address, of both families.
    public var host: String
    public var port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Why a text is no address, in the words of the reference.
    public struct Problem: Error, Sendable, Equatable {
        public var message: String
    }

    /// `defaultPort` is taken where the text names none; without it a port is needed.
    public init(_ text: String, defaultPort: UInt16? = nil) throws(Problem) {
        var hostPart = text[...]
        var portPart: Substring?
        let bracketEnd = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[bracketEnd...].lastIndex(of: ":") {
            hostPart = text[..<colon]
            portPart = text[colon...].dropFirst()
        }
        if hostPart.hasPrefix("["), hostPart.hasSuffix("]") {
            hostPart = hostPart.dropFirst().dropLast()
        } else if hostPart.contains(":") || hostPart.contains("[") || hostPart.contains("]") {
            throw Problem(message: "expected host:port")
        }
        guard !hostPart.contains(where: { $0.isWhitespace || $0 == "/" }) else { throw Problem(message: "expected host:port") }
        if let portPart {
            guard !portPart.isEmpty, portPart.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2D }), let number = Int(portPart) else {
                throw Problem(message: "port must be a number")
            }
            guard number > 0, let port = UInt16(exactly: number) else { throw Problem(message: "expected positive port number") }
            self.init(host: String(hostPart), port: port)
        } else {
            guard let defaultPort, !text.isEmpty else { throw Problem(message: "expected host:port") }
            self.init(host: String(hostPart), port: defaultPort)
        }
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
