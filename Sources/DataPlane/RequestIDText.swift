import HTTPWire
import Routing

extension RequestID {
    /// Reads a canonical UUID version 4; nil for anything else, so that a kept id is as good as one of ours.
    init?(_ text: ByteView) {
        guard text.count == 36 else { return nil }
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var digits = 0
        for (index, byte) in text.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - 0x57
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = byte - 0x37
            default: return nil
            }
            if digits < 16 { words.high = words.high << 4 | UInt64(value) } else { words.low = words.low << 4 | UInt64(value) }
            digits += 1
        }
        self.init(high: words.high, low: words.low)
        guard high == words.high, low == words.low else { return nil }
    }
}
