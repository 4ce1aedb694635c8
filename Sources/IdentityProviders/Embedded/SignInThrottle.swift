import Foundation
public import Records

/// Slows down the guessing of passwords, per account and per client address.
///
/// An attempt counts from the moment it is admitted, so that many at once gain nothing. After the free ones every further attempt must wait one
/// second, then two, then four, up to a minute. A quarter of an hour without attempts is forgiven. Kept in memory, in bounded tables.
public actor SignInThrottle {
    public static let freeAttemptsPerAccount = 5
    /// More than for an account, as an office may share an address.
    public static let freeAttemptsPerAddress = 30
    /// Seconds.
    public static let longestPause: Int64 = 60
    public static let forgivenAfter: Int64 = 900

    private struct Entry {
        var attempts: Int
        var last: Int64
    }

    private let clock: WallClock
    private let capacity: Int
    private var accounts: [String: Entry] = [:]
    private var addresses: [String: Entry] = [:]

    public init(clock: WallClock, capacity: Int = 10_000) {
        self.clock = clock
        self.capacity = max(16, capacity)
    }

    /// Nil admits the attempt and counts it; a number is the seconds to wait.
    func admit(account: String, address: String) -> Int64? {
        let now = clock.seconds
        let address = Self.network(of: address)
        let pause = max(
            Self.pause(accounts[account], free: Self.freeAttemptsPerAccount, now: now),
            Self.pause(addresses[address], free: Self.freeAttemptsPerAddress, now: now))
        guard pause == 0 else { return pause }
        Self.count(account, in: &accounts, now: now, capacity: capacity)
        Self.count(address, in: &addresses, now: now, capacity: capacity)
        return nil
    }

    /// The attempt was not one: nobody looked at the password.
    func withdraw(account: String, address: String) {
        accounts[account]?.attempts -= 1
        addresses[Self.network(of: address)]?.attempts -= 1
    }

    /// Clears the account. The address keeps what others tried from there.
    func succeeded(account: String, address: String) {
        accounts[account] = nil
        addresses[Self.network(of: address)]?.attempts -= 1
    }

    var entryCount: Int { accounts.count + addresses.count }

    private static func pause(_ entry: Entry?, free: Int, now: Int64) -> Int64 {
        guard let entry, entry.attempts >= free, now - entry.last < forgivenAfter else { return 0 }
        let pause = min(Int64(1) << min(entry.attempts - free, 6), longestPause)
        return max(0, entry.last + pause - now)
    }

    private static func count(_ key: String, in table: inout [String: Entry], now: Int64, capacity: Int) {
        if let entry = table[key], now - entry.last < forgivenAfter {
            table[key] = Entry(attempts: entry.attempts + 1, last: now)
            return
        }
        if table.count >= capacity {
            table = table.filter { now - $0.value.last < forgivenAfter }
            if table.count >= capacity {
                // The least dangerous go first: few attempts, long ago. A tenth at a time keeps the sorting rare.
                let order = table.sorted { ($0.value.attempts, $0.value.last) < ($1.value.attempts, $1.value.last) }
                for (key, _) in order.prefix(max(1, capacity / 10)) { table[key] = nil }
            }
        }
        table[key] = Entry(attempts: 1, last: now)
    }

    /// IPv6 clients own a /64 at least; they count as one.
    static func network(of address: String) -> String {
        guard address.contains(":") else { return address }
        var parsed = in6_addr()
        guard inet_pton(AF_INET6, address, &parsed) == 1 else { return address }
        return withUnsafeBytes(of: &parsed) { bytes in
            if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
                // An IPv4 client seen through an IPv6 socket (RFC 4291 section 2.5.5.2).
                return bytes[12...].map { String($0) }.joined(separator: ".")
            }
            return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
        }
    }
}
