import CAllocator
import Foundation

/// How much memory the process has: its resident pages, as `ps`, the OOM killer and `process_resident_memory_bytes` count them (proc_pid_statm(5)).
///
/// The reading is one system call and allocates nothing.
final class ResidentMemory: Sendable {
    private let descriptor: Int32
    private let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))

    /// Nil where the system does not tell.
    init?(path: String = "/proc/self/statm") {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// In bytes; nil if it cannot be read.
    func read() -> Int64? {
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return nil }
            return Self.pages(UnsafeRawBufferPointer(rebasing: buffer[..<count])).map { $0 &* pageSize }
        }
    }

    /// The second number of the line.
    static func pages(_ line: UnsafeRawBufferPointer) -> Int64? {
        var (field, pages, hasDigit) = (0, Int64(0), false)
        for byte in line {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"):
                if field == 1 { return hasDigit ? pages : nil }
                field += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard field == 1 else { continue }
                hasDigit = true
                pages = pages &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
            default: return nil
            }
        }
        return field == 1 && hasDigit ? pages : nil
    }

    /// Has the allocator give free pages back to the system, which it otherwise keeps for itself.
    static func trim() {
        allocator_trim()
    }
}
