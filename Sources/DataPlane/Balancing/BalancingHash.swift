/// The hash behind `RING_HASH` and `MAGLEV`: the same in every process, so that replicas and restarts send a session to the same target.
///
/// FNV-1a with the finalizer of MurmurHash3, which spreads what FNV leaves in the low bits. Nothing hangs on collisions but evenness.
struct BalancingHash {
    private(set) var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ text: String) {
        for byte in text.utf8 { combine(byte) }
    }

    mutating func combine(_ number: UInt64) {
        var rest = number
        for _ in 0..<8 {
            combine(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    private mutating func combine(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    var value: UInt64 { Self.mixed(state) }

    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ (mixed >> 33)
    }

    static func of(_ text: String, _ number: UInt64 = 0) -> UInt64 {
        var hash = BalancingHash()
        hash.combine(text)
        hash.combine(number)
        return hash.value
    }
}
