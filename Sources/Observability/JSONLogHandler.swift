public import Logging

/// swift-log lines in the same JSON form, through the same sink, as the access log.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let threshold: LogLevelSwitch
    /// Set where one logger is to differ from the others.
    private var ownLevel: Logger.Level?
    private let sink: LogSink
    private let now: @Sendable () -> Int64

    /// `threshold` is shared by all loggers of the process. `now` gives nanoseconds since 1970.
    public init(label: String, threshold: LogLevelSwitch, sink: LogSink, now: @escaping @Sendable () -> Int64) {
        self.label = label
        self.threshold = threshold
        self.sink = sink
        self.now = now
    }

    public var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var writer = JSONWriter()
        var timestamp = Timestamp()
        writer.beginObject()
        writer.key("level")
        writer.string(event.level == .warning ? "warn" : event.level == .critical ? "fatal" : event.level.rawValue)
        writer.key("time")
        writer.time(now(), &timestamp)
        writer.key("service")
        writer.string(label)
        writer.key("message")
        writer.string(event.message.description)
        let all = metadata.merging(metadataProvider?.get() ?? [:]) { own, _ in own }.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            writer.key(named: key)
            writer.string(value.description)
        }
        writer.endObject()
        writer.newline()
        sink.submit(writer.bytes)
    }
}
