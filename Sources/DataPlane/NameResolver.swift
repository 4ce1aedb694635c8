import Dispatch
import NIOCore
import NIOPosix

/// Names to addresses for the connections of one event loop, remembered.
///
/// A name that is asked for shortly after its addresses have become old is answered with these at once, and looked up beside. Where a look-up fails,
/// the last addresses stay in use, unless the answer is that there is no such name.
final class NameResolver {
    typealias Answer = (Result<[SocketAddress], UpstreamFault>) -> Void

    private struct Key: Hashable {
        var host: String
        var port: UInt16
    }

    private struct Entry {
        var result: Result<[SocketAddress], UpstreamFault>?
        var freshUntil = NIODeadline.uptimeNanoseconds(0)
        var isAsking = false
        var waiting: [(settings: NameResolution, done: Answer)] = []
    }

    private let eventLoop: any EventLoop
    private let lookup: NameLookup
    private let pool: NIOThreadPool
    private let now: () -> NIODeadline
    private var entries: [Key: Entry] = [:]

    private static let maxEntries = 1024
    /// Connections that wait for one name; more are refused.
    private static let maxWaiting = 4096

    init(
        eventLoop: any EventLoop, lookup: NameLookup = .system, pool: NIOThreadPool = .singleton, now: @escaping () -> NIODeadline = { .now() }
    ) {
        self.eventLoop = eventLoop
        self.lookup = lookup
        self.pool = pool
        self.now = now
    }

    /// Calls back on the event loop, at once for literals, `localhost` and what is remembered.
    func resolve(_ host: String, port: UInt16, settings: NameResolution = NameResolution(), _ done: @escaping Answer) {
        if let address = try? SocketAddress(ipAddress: host, port: Int(port)) { return done(.success([address])) }
        // RFC 6761 section 6.3: these names never leave the machine.
        let name = host.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") {
            let both = ["127.0.0.1", "::1"].compactMap { try? SocketAddress(ipAddress: $0, port: Int(port)) }
            return done(.success(settings.ordered(both)))
        }
        let key = Key(host: name, port: port)
        if let result = answer(for: key, settings) { return done(Self.ordered(result, settings)) }
        guard entries[key]?.waiting.count ?? 0 < Self.maxWaiting else { return done(.failure(.overflow)) }
        ask(key, settings)
        entries[key]?.waiting.append((settings, done))
    }

    /// As ``resolve(_:port:settings:_:)``; no host name begins with a slash, so that such a one is the path of a socket file.
    func addresses(of host: String, port: UInt16, settings: NameResolution, _ done: @escaping Answer) {
        guard host.hasPrefix("/") else { return resolve(host, port: port, settings: settings, done) }
        done((try? SocketAddress(unixDomainSocketPath: host)).map { .success([$0]) } ?? .failure(.noTargets))
    }

    /// What is remembered, if it may be used; starts to refresh what has become old.
    private func answer(for key: Key, _ settings: NameResolution) -> Result<[SocketAddress], UpstreamFault>? {
        guard let entry = entries[key], let result = entry.result else { return nil }
        let time = now()
        if time < entry.freshUntil { return result }
        guard case .success = result, time < entry.freshUntil + .nanoseconds(settings.refreshRate) else { return nil }
        ask(key, settings)
        return result
    }

    private static func ordered(
        _ result: Result<[SocketAddress], UpstreamFault>, _ settings: NameResolution
    ) -> Result<[SocketAddress], UpstreamFault> {
        result.flatMap { addresses in
            let usable = settings.ordered(addresses)
            return usable.isEmpty ? .failure(.nameNotFound("no addresses")) : .success(usable)
        }
    }

    private func ask(_ key: Key, _ settings: NameResolution) {
        if entries[key] == nil, entries.count >= Self.maxEntries { entries = entries.filter { $0.value.isAsking } }
        guard !(entries[key]?.isAsking ?? false) else { return }
        entries[key, default: Entry()].isAsking = true
        let lookup = lookup
        let (host, port) = (key.host, key.port)
        let answer = pool.runIfActive(eventLoop: eventLoop) { try lookup.addresses(host, port) }.assumeIsolated()
        let timeout =
            settings.queryTimeout > 0
            ? eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(settings.queryTimeout)) { [self] in
                giveUp(key)
            } : nil
        answer.whenComplete { [self] result in
            timeout?.cancel()
            answered(result, for: key, settings)
        }
    }

    private func answered(_ result: Result<[SocketAddress], any Error>, for key: Key, _ settings: NameResolution) {
        guard var entry = entries[key] else { return }
        entry.isAsking = false
        let waiting = entry.waiting
        entry.waiting = []
        switch result {
        case .success(let addresses) where !addresses.isEmpty:
            entry.result = .success(addresses)
            entry.freshUntil = now() + .nanoseconds(settings.refreshRate)
        default:
            let failure = Self.failure(of: result)
            entry.freshUntil = now() + .nanoseconds(settings.failureRefreshRate)
            if case .success? = entry.result, !failure.isFinal { break }
            entry.result = .failure(.nameNotFound(failure.reason))
        }
        entries[key] = entry
        guard let known = entry.result else { return }
        for (settings, done) in waiting { done(Self.ordered(known, settings)) }
    }

    private static func failure(of result: Result<[SocketAddress], any Error>) -> NameLookup.Failure {
        switch result {
        case .success: NameLookup.Failure(reason: "no addresses", isFinal: true)
        case .failure(let failure as NameLookup.Failure): failure
        case .failure: NameLookup.Failure(reason: "resolver failed")
        }
    }

    /// Nobody waits longer; the look-up itself cannot be stopped, and no second one is begun beside it.
    private func giveUp(_ key: Key) {
        guard let waiting = entries[key]?.waiting else { return }
        entries[key]?.waiting = []
        let last = entries[key]?.result ?? .failure(.nameNotFound("timeout"))
        for (settings, done) in waiting { done(Self.ordered(last, settings)) }
    }
}
