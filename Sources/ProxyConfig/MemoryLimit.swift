/// `memory_limit`: how much memory the process may take.
public enum MemoryLimit: Sendable, Hashable, CustomStringConvertible {
    case off
    case bytes(Int64)
    /// Percent of what the container or the machine has.
    case share(Int)

    /// Leaves room for what the kernel holds on the process's behalf, such as the buffers of sockets.
    public static let standard = MemoryLimit.share(85)

    /// Less is a number whose unit was forgotten.
    static let least: Int64 = 16 << 20
    /// Of a share, in percent: more than there is protects from nothing.
    static let shares = 1...100

    /// Why a text is no limit.
    public struct Problem: Error, Sendable, Equatable {
        public var message: String
        public var help: String?
    }

    private static let units: [(name: String, bytes: Int64)] = [
        ("", 1), ("b", 1), ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000), ("k", 1_000), ("m", 1_000_000),
        ("g", 1_000_000_000), ("t", 1_000_000_000_000), ("ki", 1 << 10), ("mi", 1 << 20), ("gi", 1 << 30), ("ti", 1 << 40), ("kib", 1 << 10),
        ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40),
    ]

    /// `0`, a number of bytes with or without a unit of the SI (`MB`, `M`) or of IEC 80000-13 (`MiB`, `Mi`), in any case, or a whole number of percent.
    public init(_ text: String) throws(Problem) {
        let text = text.trimmingBlanks
        guard !text.isEmpty, text.utf8.count <= 64 else { throw Problem(message: "not a size: \(text.prefix(64))", help: Self.example) }
        if text.last == "%" {
            guard let share = Int(text.dropLast().trimmingBlanks) else { throw Problem(message: "not a share: \(text)", help: Self.example) }
            guard Self.shares.contains(share) else {
                throw Problem(message: "a share is between 1% and 100%, found \(text)", help: "write 0 for no limit")
            }
            self = .share(share)
            return
        }
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let unit = text.dropFirst(number.count).trimmingBlanks
        guard let scale = Self.units.first(where: { $0.name == unit.lowercased() })?.bytes else {
            throw Problem(message: "unknown unit in the size \(text)", help: "the units are KiB, MiB, GiB, TiB, and kB, MB, GB, TB for powers of ten")
        }
        guard let bytes = Self.product(number, scale) else { throw Problem(message: "not a size: \(text)", help: Self.example) }
        guard bytes == 0 || bytes >= Self.least else {
            throw Problem(
                message: "\(text) is less than any process needs, the least is 16MiB", help: unit.isEmpty ? "write a unit, as in 512MiB" : nil)
        }
        self = bytes == 0 ? .off : .bytes(bytes)
    }

    private static let example = "write for example 512MiB, 85% or 0"

    private static func product(_ number: Substring, _ scale: Int64) -> Int64? {
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return product }
        guard (1...9).contains(parts[1].utf8.count), let digits = Int64(parts[1]), scale > 1 else { return nil }
        let base = parts[1].reduce(Int64(1)) { power, _ in power * 10 }
        // In two parts, so that nothing overflows.
        let fraction = scale / base * digits + scale % base * digits / base
        let (sum, carried) = product.addingReportingOverflow(fraction)
        return carried ? nil : sum
    }

    /// Bytes, where there are `room` in all; nil for none.
    public func bytes(of room: Int64) -> Int64? {
        switch self {
        case .off: nil
        case .bytes(let bytes): bytes
        case .share(let percent): room / 100 * Int64(percent)
        }
    }

    /// As it is written.
    public var description: String {
        switch self {
        case .off: "0"
        case .bytes(let bytes): "\(bytes)"
        case .share(let percent): "\(percent)%"
        }
    }
}

extension StringProtocol {
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
