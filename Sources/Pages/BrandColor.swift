import Foundation

/// A colour of the branding settings: `#rgb` or `#rrggbb`.
public struct BrandColor: Sendable, Hashable, CustomStringConvertible {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    static let white = BrandColor(red: 255, green: 255, blue: 255)
    static let black = BrandColor(red: 0, green: 0, blue: 0)

    init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Returns nil for anything but `#` followed by three or six hexadecimal digits.
    public init?(_ text: String) {
        var digits = Array(text.utf8)
        guard digits.first == UInt8(ascii: "#") else { return nil }
        digits.removeFirst()
        if digits.count == 3 { digits = digits.flatMap { [$0, $0] } }
        let nibbles = digits.compactMap { Self.nibble($0) }
        guard digits.count == 6, nibbles.count == 6 else { return nil }
        self.init(
            red: nibbles[0] << 4 | nibbles[1], green: nibbles[2] << 4 | nibbles[3], blue: nibbles[4] << 4 | nibbles[5])
    }

    /// The colour as `#rrggbb` in lower case.
    public var description: String {
        let digits = Array("0123456789abcdef")
        return "#" + String([red, green, blue].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// The contrast ratio to `other`, 1 to 21, as WCAG 2.2 defines it.
    func contrast(to other: BrandColor) -> Double {
        let (a, b) = (luminance, other.luminance)
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// White or black, whichever is easier to read on this colour.
    var foreground: BrandColor {
        contrast(to: .white) >= contrast(to: .black) ? .white : .black
    }

    /// This colour, moved towards `end` only as far as text needs on `background` (a ratio of 4.5).
    func readable(on background: BrandColor, towards end: BrandColor) -> BrandColor {
        for step in 0...20 {
            let candidate = mixed(with: end, share: Double(step) / 20)
            if candidate.contrast(to: background) >= 4.5 { return candidate }
        }
        return end
    }

    private func mixed(with other: BrandColor, share: Double) -> BrandColor {
        func mix(_ from: UInt8, _ to: UInt8) -> UInt8 {
            UInt8(clamping: Int((Double(from) + (Double(to) - Double(from)) * share).rounded()))
        }
        return BrandColor(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }

    private var luminance: Double {
        func linear(_ value: UInt8) -> Double {
            let share = Double(value) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
