/// Log lines of one event loop on their way to the sink. Not shared between loops.
public final class LogBuffer {
    var writer = JSONWriter(reserving: 32 * 1024)
    private var timestamp = Timestamp()
    private let sink: LogSink

    /// Handed over at this size even before the next flush.
    static let threshold = 24 * 1024

    public init(sink: LogSink) {
        self.sink = sink
    }

    public var isEmpty: Bool { writer.count == 0 }

    /// Writes one line: `level` and `time` first, then what `body` adds.
    public func line(_ level: StaticString, at nanoseconds: Int64, _ body: (inout JSONWriter) -> Void) {
        begin(level, at: nanoseconds)
        body(&writer)
        end()
    }

    func begin(_ level: StaticString, at nanoseconds: Int64) {
        writer.beginObject()
        writer.key("level")
        writer.string(level)
        writer.key("time")
        writer.time(nanoseconds, &timestamp)
    }

    func end() {
        writer.endObject()
        writer.newline()
        if writer.count >= Self.threshold { flush() }
    }

    /// Hands everything to the sink.
    public func flush() {
        guard writer.count > 0 else { return }
        writer.withUnsafeBytes { sink.submit($0) }
        writer.removeAll()
    }
}
