/// Exact host names to the places of their routes in a list. Flat arrays, since making it anew is a part of every reload.
struct HostIndex: Sendable {
    private struct Host: Sendable {
        var name: Range<Int>
        var port: UInt16?
        /// The next one with the same slot, -1 for none.
        var next: Int32
        /// In `order`, once all are known.
        var routes: Range<Int>
    }

    private var hosts: [Host] = []
    /// All names, one behind the other.
    private var names: [UInt8] = []
    /// The first host of each slot, -1 for none; their number is a power of two.
    private var slots: [Int32]
    /// Each route that was added, with its host; empty once all are known.
    private var added: [(route: Int32, host: Int32)] = []
    /// Routes, those of one host next to one another, in list order.
    private var order: [Int32] = []

    init(capacity: Int) {
        var count = 16
        while count < capacity { count *= 2 }
        slots = [Int32](repeating: -1, count: count)
        hosts.reserveCapacity(capacity)
        added.reserveCapacity(capacity)
    }

    /// Adds the next route of the list. Whether its name was not there before, with any port.
    mutating func add(route: Int, _ pattern: HostPattern) -> Bool {
        var text = pattern.text
        return text.withUTF8 { add(route: route, UnsafeRawBufferPointer($0), pattern.port) }
    }

    private mutating func add(route: Int, _ name: UnsafeRawBufferPointer, _ port: UInt16?) -> Bool {
        let slot = slot(of: name)
        var isNew = true
        var index = slots[slot]
        while index >= 0 {
            let host = hosts[Int(index)]
            if isName(of: host, name) {
                isNew = false
                if host.port == port { break }
            }
            index = host.next
        }
        if index < 0 {
            index = Int32(hosts.count)
            hosts.append(Host(name: names.count..<names.count + name.count, port: port, next: slots[slot], routes: 0..<0))
            names.append(contentsOf: name)
            slots[slot] = index
        }
        added.append((Int32(route), index))
        return isNew
    }

    /// After the last ``add(route:_:)``.
    mutating func finish() {
        var counts = [Int](repeating: 0, count: hosts.count)
        for (_, host) in added { counts[Int(host)] += 1 }
        var start = 0
        for index in hosts.indices {
            hosts[index].routes = start..<start
            start += counts[index]
        }
        order = [Int32](repeating: 0, count: start)
        for (route, host) in added {
            let end = hosts[Int(host)].routes.upperBound
            order[end] = route
            hosts[Int(host)].routes = hosts[Int(host)].routes.lowerBound..<end + 1
        }
        added = []
    }

    /// Places of the routes for a host, those with the port before those without; nil for a host that has none.
    func routes(of name: UnsafeRawBufferPointer, port: UInt16?) -> ArraySlice<Int32>? {
        var index = slots[slot(of: name)]
        var found: Range<Int>?
        while index >= 0 {
            let host = hosts[Int(index)]
            if host.port == nil || host.port == port, isName(of: host, name) {
                found = host.routes
                if host.port != nil { break }
            }
            index = host.next
        }
        return found.map { order[$0] }
    }

    func knows(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            var index = slots[slot(of: UnsafeRawBufferPointer(bytes))]
            while index >= 0 {
                let host = hosts[Int(index)]
                if isName(of: host, UnsafeRawBufferPointer(bytes)) { return true }
                index = host.next
            }
            return false
        }
    }

    private func isName(of host: Host, _ name: UnsafeRawBufferPointer) -> Bool {
        host.name.count == name.count && names.withUnsafeBytes { $0[host.name].elementsEqual(name) }
    }

    /// FNV-1a; the keys come from the configuration, so nobody outside can choose colliding ones.
    private func slot(of bytes: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & UInt64(slots.count - 1))
    }
}
