import Foundation
import Synchronization

/// Where all log lines go: one writer thread in front of one file descriptor.
///
/// Submitting never blocks and never loses a line silently: if the reader of the descriptor stalls and more than ``capacity`` bytes wait,
/// further lines are counted, and the count is logged as soon as there is room.
public final class LogSink: Sendable {
    /// Bytes that may wait.
    public static let capacity = 16 << 20

    private struct State {
        var pending: [UInt8] = []
        var dropped: UInt64 = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)
    private let drained = DispatchSemaphore(value: 0)
    private let descriptor: Int32

    /// The descriptor stays the caller's.
    public init(descriptor: Int32 = 1) {
        self.descriptor = descriptor
        let thread = Thread { [self] in run() }
        thread.name = "log-writer"
        thread.start()
    }

    /// Whole lines, each with its line end.
    public func submit(_ lines: [UInt8]) {
        lines.withUnsafeBytes { submit($0) }
    }

    /// Whole lines, each with its line end; they are copied.
    func submit(_ lines: UnsafeRawBufferPointer) {
        let wake = state.withLock { state -> Bool in
            guard state.pending.count + lines.count <= Self.capacity else {
                state.dropped += UInt64(lines.count { $0 == 10 })
                return false
            }
            let wasEmpty = state.pending.isEmpty
            state.pending.append(contentsOf: lines)
            return wasEmpty
        }
        if wake { wakeUp.signal() }
    }

    /// Lines that were counted instead of written since the last report.
    public var droppedLines: UInt64 { state.withLock(\.dropped) }

    /// Waits, at most that long, until everything submitted so far is written.
    public func flush(timeout seconds: Double = 2) {
        let deadline = Date().addingTimeInterval(seconds)
        while Date() < deadline {
            let isIdle = state.withLock { $0.pending.isEmpty && !$0.isWriting }
            if isIdle { return }
            wakeUp.signal()
            _ = drained.wait(timeout: .now() + .milliseconds(20))
        }
    }

    private func run() {
        while true {
            wakeUp.wait()
            while true {
                let (batch, dropped) = state.withLock { state -> ([UInt8], UInt64) in
                    let taken = (state.pending, state.dropped)
                    state.pending = []
                    state.dropped = 0
                    state.isWriting = !taken.0.isEmpty || taken.1 > 0
                    return taken
                }
                if batch.isEmpty, dropped == 0 { break }
                write(batch)
                if dropped > 0 {
                    write(
                        Array(
                            "{\"level\":\"error\",\"message\":\"log lines were dropped, the log's reader is too slow\",\"lines\":\(dropped)}\n".utf8))
                }
                state.withLock { $0.isWriting = false }
            }
            drained.signal()
        }
    }

    private func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                guard let base = buffer.baseAddress else { return }
                let count = Foundation.write(descriptor, base + offset, buffer.count - offset)
                if count > 0 {
                    offset += count
                } else if errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&wait, 1, 1000)
                } else if errno != EINTR {
                    // The reader is gone (EPIPE, EBADF): there is nobody to tell.
                    return
                }
            }
        }
    }
}
