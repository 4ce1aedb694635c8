import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import DataPlane

@Suite struct AddressTests {
    /// Name, addresses in the order of trial.
    @Test(arguments: [
        ("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]), ("localhost", ["127.0.0.1", "::1"]), ("a.LOCALHOST", ["127.0.0.1", "::1"]),
    ])
    func knowsLoopbackWithoutAsking(name: String, expected: [String]) throws {
        let resolver = NameResolver(eventLoop: EmbeddedEventLoop(), lookup: NameLookup { _, _ in throw NameLookup.Failure(reason: "asked") })
        var found: [String] = []
        resolver.resolve(name, port: 80) { result in found = (try? result.get())?.compactMap(\.ipAddress) ?? [] }
        #expect(found == expected)
    }

    @Test(arguments: [
        (NameResolution.Family.v4Preferred, ["1.1.1.1", "::1", "1.1.1.2", "::2", "::3"]), (.auto, ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"]),
        (.all, ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"]), (.v4Only, ["1.1.1.1", "1.1.1.2"]), (.v6Only, ["::1", "::2", "::3"]),
    ])
    func familiesTakeTurns(family: NameResolution.Family, expected: [String]) throws {
        var settings = NameResolution()
        settings.family = family
        let addresses = try ["::1", "1.1.1.1", "::2", "1.1.1.2", "::3"].map { try SocketAddress(ipAddress: $0, port: 80) }
        #expect(settings.ordered(addresses).compactMap(\.ipAddress) == expected)
    }

    // MARK: Order of attempts

    @Test func beginsTheNextAttemptAfterTheDelayOrAFailure() {
        var machine = AddressRaceStateMachine(count: 3)
        let actions = [
            machine.start(), machine.delayPassed(), machine.failed(), machine.delayPassed(), machine.failed(), machine.failed(),
        ]
        #expect(
            actions == [.connect(0, hasMore: true), .connect(1, hasMore: true), .connect(2, hasMore: false), .wait, .wait, .fail])
    }

    @Test func failsWithoutAddresses() {
        var machine = AddressRaceStateMachine(count: 0)
        let action = machine.start()
        #expect(action == .fail)
    }

    // MARK: Memory of names

    /// A resolver on a loop of its own, whose look-ups and time a test decides.
    private final class Names: Sendable {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let resolver: NIOLoopBound<NameResolver>
        let answers = NIOLockedValueBox<[Result<String, NameLookup.Failure>]>([])
        let asked = NIOLockedValueBox(0)
        let time = NIOLockedValueBox<Int64>(0)

        init() throws {
            let loop = group.next()
            let (answers, asked, time) = (answers, asked, time)
            resolver = try loop.submit {
                let lookup = NameLookup { _, port in
                    asked.withLockedValue { $0 += 1 }
                    let answer = answers.withLockedValue { $0.count > 1 ? $0.removeFirst() : $0[0] }
                    return [try SocketAddress(ipAddress: answer.get(), port: Int(port))]
                }
                return NIOLoopBound(
                    NameResolver(
                        eventLoop: loop, lookup: lookup,
                        now: { .uptimeNanoseconds(1_000_000_000) + .nanoseconds(time.withLockedValue { $0 }) }), eventLoop: loop)
            }.wait()
        }

        func resolve() async throws -> String {
            let resolver = resolver
            return try await resolver.eventLoop.flatSubmit {
                let promise = resolver.eventLoop.makePromise(of: String.self)
                var settings = NameResolution()
                settings.refreshRate = 10
                settings.failureRefreshRate = 5
                resolver.value.resolve("app.internal", port: 80, settings: settings) { result in
                    promise.completeWith(result.map { $0.first?.ipAddress ?? "" }.mapError { $0 })
                }
                return promise.futureResult
            }.get()
        }

        /// Lets a look-up beside come to its end.
        func settle(asked count: Int) async throws {
            for _ in 0..<500 where asked.withLockedValue({ $0 }) < count { try await Task.sleep(for: .milliseconds(2)) }
            for _ in 0..<3 { _ = try await NIOThreadPool.singleton.runIfActive(eventLoop: resolver.eventLoop) {}.get() }
        }

        func move(to nanoseconds: Int64) { time.withLockedValue { $0 = nanoseconds } }
    }

    private func withNames(_ answers: [Result<String, NameLookup.Failure>], _ body: (Names) async throws -> Void) async throws {
        let names = try Names()
        names.answers.withLockedValue { $0 = answers }
        do {
            try await body(names)
            try await names.group.shutdownGracefully()
        } catch {
            try await names.group.shutdownGracefully()
            throw error
        }
    }

    @Test func asksAgainWhenAddressesAreOld() async throws {
        try await withNames([.success("10.0.0.1"), .success("10.0.0.2"), .success("10.0.0.3")]) { (names) async throws in
            #expect(try await names.resolve() == "10.0.0.1")
            names.move(to: 9)
            #expect(try await names.resolve() == "10.0.0.1")
            #expect(names.asked.withLockedValue { $0 } == 1)
            // Just become old: used once more, and refreshed beside.
            names.move(to: 15)
            #expect(try await names.resolve() == "10.0.0.1")
            try await names.settle(asked: 2)
            #expect(try await names.resolve() == "10.0.0.2")
            // Long since old: nobody gets it any more.
            names.move(to: 100)
            #expect(try await names.resolve() == "10.0.0.3")
        }
    }

    @Test func keepsTheLastAddressesWhileTheServerFails() async throws {
        let failure = NameLookup.Failure(reason: "temporary failure in name resolution")
        try await withNames([.success("10.0.0.1"), .failure(failure)]) { (names) async throws in
            #expect(try await names.resolve() == "10.0.0.1")
            for time in [100, 200, 300] as [Int64] {
                names.move(to: time)
                #expect(try await names.resolve() == "10.0.0.1")
            }
            #expect(names.asked.withLockedValue { $0 } == 4)
        }
    }

    @Test func forgetsAddressesOfANameThatIsGone() async throws {
        let failure = NameLookup.Failure(reason: "name or service not known", isFinal: true)
        try await withNames([.success("10.0.0.1"), .failure(failure)]) { (names) async throws in
            #expect(try await names.resolve() == "10.0.0.1")
            names.move(to: 100)
            await #expect(throws: UpstreamFault.self) { try await names.resolve() }
            names.move(to: 104)
            await #expect(throws: UpstreamFault.self) { try await names.resolve() }
            #expect(names.asked.withLockedValue { $0 } == 2)
            names.move(to: 106)
            await #expect(throws: UpstreamFault.self) { try await names.resolve() }
            #expect(names.asked.withLockedValue { $0 } == 3)
        }
    }
}
