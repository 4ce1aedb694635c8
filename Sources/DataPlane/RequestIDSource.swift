import Routing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Random request ids of one event loop. Asks the system for many at a time, as every question is a system call.
struct RequestIDSource: RandomNumberGenerator {
    private var words: [UInt64] = []

    /// The most that `getentropy` gives at once is 256 bytes.
    private static let batch = 32

    mutating func makeID() -> RequestID { RequestID(using: &self) }

    mutating func next() -> UInt64 {
        if let word = words.popLast() { return word }
        refill()
        return words.popLast() ?? UInt64.random(in: .min ... .max)
    }

    private mutating func refill() {
        words.append(contentsOf: repeatElement(0, count: Self.batch))
        let failed = words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) != 0 }
        if failed { words.removeAll(keepingCapacity: true) }
    }
}
