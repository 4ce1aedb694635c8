import Foundation
import Observability

/// The process as Prometheus' client libraries describe it.
enum ProcessMetrics {
    /// `startedAt` in unix seconds.
    static func write(to metrics: inout PrometheusText, startedAt: Int64) {
        var usage = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage) == 0 {
            metrics.metric("process_cpu_seconds_total", .counter, "CPU time, in seconds.")
            metrics.sample("process_cpu_seconds_total", Double(usage.tv_sec) + Double(usage.tv_nsec) / 1e9)
        }
        // Pages in all, and resident ones (proc(5)).
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").compactMap { Int64($0) } ?? []
        if pages.count > 1 {
            metrics.metric("process_resident_memory_bytes", .gauge, "Resident memory.")
            metrics.sample("process_resident_memory_bytes", pages[1] &* Int64(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            metrics.metric("process_open_fds", .gauge, "Open file descriptors.")
            metrics.sample("process_open_fds", open)
        }
        if let limit = OpenFiles.limit {
            metrics.metric("process_max_fds", .gauge, "File descriptors that may be open.")
            metrics.sample("process_max_fds", limit)
        }
        metrics.metric("process_start_time_seconds", .gauge, "Start of the process, in unix seconds.")
        metrics.sample("process_start_time_seconds", startedAt)
    }
}
