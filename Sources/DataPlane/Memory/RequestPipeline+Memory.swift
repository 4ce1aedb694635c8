import HTTPWire
import Observability

/// Requests that there is no memory for.
extension RequestPipeline {
    /// Answers 503, whatever the request is. False, and no answer, for probes: who looks whether the process lives is told so.
    func refuseForMemory() -> Bool {
        guard isCounted, !isProbe else { return false }
        worker.server.memory.countRefusedRequest()
        answer(ProxyReply.overload)
        return true
    }

    /// Answers before the head is complete.
    func refuseUnfinishedHead() {
        worker.server.memory.countRefusedRequest()
        start(unreadable: RequestHead())
        answer(ProxyReply.overload, form: nil)
    }

    /// The request is for an own page, and not complete.
    var collectsBody: Bool {
        guard case .collecting = state, let stream else { return false }
        return !stream.isRequestComplete
    }

    /// Ends the request under way without an answer.
    func overloaded() { end(ResponseCodeDetail.downstreamLocalDisconnect.with(reason: "overload")) }
}
