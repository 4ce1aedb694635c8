import HTTPWire
import Testing

@testable import DataPlane

@Suite struct ConnectionStateMachineTests {
    private func head(_ fields: String) throws -> RequestHead {
        try RequestHead.parse(Array("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8))
    }

    private func started(_ fields: String) throws -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(isTLS: false)
        let began = machine.headBegan()
        #expect(began)
        machine.headCompleted(try head(fields))
        return machine
    }

    @Test func waitsForTheHandshake() {
        var machine = ConnectionStateMachine(isTLS: true)
        let beganEarly = machine.headBegan()
        #expect(!beganEarly)
        #expect(!machine.parses(bodyIsOpen: true))
        machine.handshakeCompleted()
        let began = machine.headBegan()
        #expect(began)
    }

    @Test func goesOnWithTheNextRequest() throws {
        var machine = try started("")
        let afterRequest = machine.requestCompleted()
        #expect(afterRequest == nil)
        #expect(!machine.parses(bodyIsOpen: true))
        let closes = machine.responseStarted(isLocal: false, closes: false)
        #expect(!closes)
        let next = machine.responseCompleted(isLocal: false)
        #expect(next == .nextRequest)
        #expect(machine.phase == .idle)
    }

    @Test(arguments: [("Connection: close\r\n", false), ("", true)])
    func closesWhenAsked(fields: String, isShuttingDown: Bool) throws {
        var machine = try started(fields)
        _ = machine.requestCompleted()
        let closes = machine.responseStarted(isLocal: false, closes: isShuttingDown)
        #expect(closes)
        let next = machine.responseCompleted(isLocal: false)
        #expect(next == .close)
    }

    /// Fields, whether the connection survives an early answer.
    @Test(arguments: [
        ("Content-Length: 100\r\n", true), ("Content-Length: 100000\r\n", false), ("Transfer-Encoding: chunked\r\n", false),
        ("Content-Length: 100\r\nExpect: 100-continue\r\n", false),
    ])
    func readsOverShortRestsOnly(fields: String, survives: Bool) throws {
        var machine = try started(fields)
        let closes = machine.responseStarted(isLocal: true, closes: false)
        #expect(closes == !survives)
        let next = machine.responseCompleted(isLocal: true)
        #expect(next == (survives ? .drainRequest : .close))
        if survives {
            #expect(machine.parses(bodyIsOpen: false))
            let afterRest = machine.requestCompleted()
            #expect(afterRest == .nextRequest)
        }
    }

    @Test func anUpstreamsEarlyAnswerEndsTheConnection() throws {
        var machine = try started("Content-Length: 100\r\n")
        _ = machine.responseStarted(isLocal: false, closes: false)
        let next = machine.responseCompleted(isLocal: false)
        #expect(next == .close)
    }

    @Test func holdsTheBodyBackUntilItIsWanted() throws {
        let machine = try started("Content-Length: 100\r\n")
        #expect(!machine.parses(bodyIsOpen: false))
        #expect(machine.parses(bodyIsOpen: true))
    }
}
