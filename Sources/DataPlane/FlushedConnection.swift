/// A connection that collects what it has to say until it is told to send it.
protocol FlushedConnection: AnyObject {
    /// Sends what was collected, if anything was.
    func flush()
}
