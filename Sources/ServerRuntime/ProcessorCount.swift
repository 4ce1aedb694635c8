import Foundation
import NIOCore

/// How many processors this process may use: one event loop for each.
enum ProcessorCount {
    /// At most what the machine and the control group's quota allow, as SwiftNIO counts them, and what `taskset`, a `cpuset`, or a service
    /// manager has left to the process.
    static var current: Int {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return max(1, min(System.coreCount, status.flatMap(allowed) ?? .max))
    }

    /// Processors in the mask of `/proc/self/status` (`Cpus_allowed`, hexadecimal words with commas between them); nil where there is none.
    static func allowed(in status: String) -> Int? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") }) else { return nil }
        let digits = line.dropFirst("Cpus_allowed:".count).filter { !$0.isWhitespace && $0 != "," }
        var count = 0
        for digit in digits {
            guard let value = digit.hexDigitValue else { return nil }
            count += value.nonzeroBitCount
        }
        return count > 0 ? count : nil
    }
}
