import NIOCore

/// What one event loop does when the process is short of memory.
extension LoopWorker {
    /// Near the limit or above it.
    var isShortOfMemory: Bool { server.memory.isShort }
    /// At the limit or above it.
    var refusesRequests: Bool { server.memory.refusesRequests }

    /// Each time so many of the connections of clients are cut: all but a few are gone after ten.
    private static let cutDivisor = 4

    func relieve(_ relief: MemoryRelief) {
        switch relief {
        case .closeResting:
            for connection in visitors() { connection.shutDown(now: false) }
            upstreams.closeAll()
        case .endUnfinished(let all): endUnfinished(all: all)
        case .cutRequests: cutRequests()
        }
    }

    private func visitors() -> [any ClientConnection] { connections.values.map(\.connection).filter { $0.transport != nil } }

    private func endUnfinished(all: Bool) {
        let busy = Set(exchanges.compactMap { $0.transport.map(ObjectIdentifier.init) })
        var count = 0
        for connection in visitors() {
            guard let transport = connection.transport else { continue }
            if connection.endUnfinished(all: all, isBusy: busy.contains(ObjectIdentifier(transport))) { count += 1 }
        }
        server.memory.countEndedConnections(count)
    }

    private func cutRequests() {
        let all = connections.values.compactMap { entry in
            entry.connection.transport.map { (entry: entry, channel: $0, waiting: Self.bytesWaiting(for: $0)) }
        }
        let victims = all.sorted { ($0.waiting, $0.entry.number) > ($1.waiting, $1.entry.number) }.prefix(
            (all.count + Self.cutDivisor - 1) / Self.cutDivisor)
        let channels = Set(victims.map { ObjectIdentifier($0.channel) })
        // They say why they ended before they see that their connection is gone.
        for exchange in Array(exchanges) where exchange.transport.map({ channels.contains(ObjectIdentifier($0)) }) == true { exchange.overloaded() }
        for victim in victims { victim.channel.closeBelowTLS() }
        server.memory.countEndedConnections(victims.count)
    }

    /// Written, and not taken by the client.
    private static func bytesWaiting(for channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
