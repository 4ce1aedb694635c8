/// One connection of a client, whatever the version of HTTP, as the event loop's worker keeps it.
protocol ClientConnection: AnyObject {
    /// The process stops: ends when nothing is under way, or `now`.
    func shutDown(now: Bool)
}
