/// An HTTP/1.1 connection for which there is little memory.
extension HTTPConnection {
    func endUnfinished(all: Bool, isBusy: Bool) -> Bool {
        let isKnown = unfinishedRequest == pipeline.generation
        unfinishedRequest = nil
        switch machine.phase {
        case .handshaking, .readingHead:
            guard all || isKnown else {
                unfinishedRequest = pipeline.generation
                return false
            }
            if machine.phase == .readingHead { refuseForMemory() } else { closeTransport() }
            return true
        case .exchange where pipeline.collectsBody:
            guard all || isKnown else {
                unfinishedRequest = pipeline.generation
                return false
            }
            return pipeline.refuseForMemory()
        case .idle where all:
            closeTransport()
            return true
        // What rests is closed anyway, requests under way are not meant, and the others hold nothing and have little time.
        case .idle, .exchange, .tunnel, .draining, .lingering, .closed: return false
        }
    }

    /// The head is not complete, and nobody would take the request.
    func refuseForMemory() {
        machine.headFailed()
        pipeline.refuseUnfinishedHead()
    }
}
