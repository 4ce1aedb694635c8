import NIOCore
import Synchronization

/// Which new connections of clients are let in. All event loops share it; it is asked once for a connection and never for a request.
final class ClientAdmission: Sendable {
    /// Why a connection was closed before its first byte.
    enum Refusal: Int, CaseIterable {
        /// There are as many as `max_client_connections`, or the limit of open files, allows.
        case total
        /// Its address has as many as `max_client_connections_per_address` allows.
        case address
        /// The process is near `memory_limit`.
        case memory

        /// What an operator would change.
        var setting: StaticString {
            switch self {
            case .total: "max_client_connections"
            case .address: "max_client_connections_per_address"
            case .memory: "memory_limit"
            }
        }
    }

    /// One line about refused connections at most in this time, in nanoseconds.
    private static let lineInterval: Int64 = 1_000_000_000

    private let open = Atomic<Int>(0)
    private let byAddress = Mutex<[ClientKey: Int]>([:])
    private let totalRefusals = Atomic<UInt64>(0)
    private let addressRefusals = Atomic<UInt64>(0)
    private let memoryRefusals = Atomic<UInt64>(0)
    private let unreported = Atomic<Int>(0)
    private let lastLine = Atomic<Int64>(.min)

    /// Whether there is room for one more. What was let in leaves by ``leave()``.
    func enter(limit: Int) -> Bool {
        guard open.add(1, ordering: .relaxed).newValue > limit else { return true }
        leave()
        return false
    }

    /// Those that were let in and have not left.
    var count: Int { open.load(ordering: .relaxed) }

    func leave() {
        open.subtract(1, ordering: .relaxed)
    }

    /// Whether an address may have one more. What was let in leaves by ``leave(_:)``.
    func enter(_ key: ClientKey, limit: Int) -> Bool {
        byAddress.withLock { counts in
            let count = counts[key, default: 0]
            guard count < limit else { return false }
            counts[key] = count + 1
            return true
        }
    }

    func leave(_ key: ClientKey) {
        byAddress.withLock { counts in
            guard let count = counts[key] else { return }
            counts[key] = count > 1 ? count - 1 : nil
        }
    }

    /// Counts a refusal. Gives how many there were since the last line when it is time for one, `now` being nanoseconds since 1970.
    func refused(_ refusal: Refusal, now: Int64) -> Int? {
        switch refusal {
        case .total: totalRefusals.add(1, ordering: .relaxed)
        case .address: addressRefusals.add(1, ordering: .relaxed)
        case .memory: memoryRefusals.add(1, ordering: .relaxed)
        }
        unreported.add(1, ordering: .relaxed)
        let last = lastLine.load(ordering: .relaxed)
        // A clock that was set back does not silence the log.
        guard last == .min || now &- last >= Self.lineInterval || now < last else { return nil }
        guard lastLine.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged else { return nil }
        return unreported.exchange(0, ordering: .relaxed)
    }

    /// Refusals since the start.
    func count(_ refusal: Refusal) -> UInt64 {
        switch refusal {
        case .total: totalRefusals.load(ordering: .relaxed)
        case .address: addressRefusals.load(ordering: .relaxed)
        case .memory: memoryRefusals.load(ordering: .relaxed)
        }
    }
}

/// What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is the least that a customer is given (RFC 6177).
struct ClientKey: Hashable {
    private var network: UInt64
    private var host: UInt64

    /// Nil for socket files. The address begins at byte 4 of a `sockaddr_in` and at byte 8 of a `sockaddr_in6` (ip(7), ipv6(7)).
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let four):
            let bytes = withUnsafeBytes(of: four.address) { UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }
            // As RFC 4291 section 2.5.5.2 writes it, which a listener for both families sees.
            (network, host) = (0, 0xFFFF_0000_0000 | UInt64(bytes))
        case .v6(let six):
            let halves = withUnsafeBytes(of: six.address) { bytes in
                [8, 16].map { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)) }
            }
            let isMapped = halves[0] == 0 && halves[1] >> 32 == 0xFFFF
            (network, host) = isMapped ? (0, halves[1]) : (halves[0], 0)
        case .unixDomainSocket, nil: return nil
        }
    }
}
