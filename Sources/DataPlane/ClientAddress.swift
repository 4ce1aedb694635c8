import NIOCore
import PolicyLanguage

/// Where a connection comes from: once as a value to decide on, once as text to write.
struct ClientAddress {
    var address: IPAddress?
    var text = ""

    static let unknown = ClientAddress()

    init() {}

    init(_ socket: SocketAddress?) {
        let given = socket?.ipAddress ?? ""
        address = IPAddress(given)
        // A listener for both families sees `::ffff:10.0.0.1`; everybody else writes `10.0.0.1`.
        text = address?.description ?? given
    }
}
