import NIOCore

/// One connection of a client, whatever the version of HTTP, as the event loop's worker keeps it.
protocol ClientConnection: AnyObject {
    /// Its channel, which all its streams share. Nil once it is gone, and for probes and metrics, which no shortage ends.
    var transport: (any Channel)? { get }

    /// The process stops: ends when nothing is under way, or `now`.
    func shutDown(now: Bool)
    /// There is little memory: ends where no request is complete, the next one or the first. Without `all` only where it has been told so before, and
    /// none was complete since. `isBusy`: a request is at its application. Tells whether it ended.
    func endUnfinished(all: Bool, isBusy: Bool) -> Bool
}
