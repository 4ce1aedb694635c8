import Foundation
import ProxyConfig
import Testing

@testable import ServerRuntime

@Suite struct DescriptorMessageTests {
    private func pair() throws -> (CInt, CInt) {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, UnixAddress.stream, 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    @Test(arguments: [1, 3, DescriptorMessage.maximum]) func carriesDescriptors(_ count: Int) throws {
        let (left, right) = try pair()
        let sent = try ListeningSocket.open(ListenAddress(host: "127.0.0.1", port: freePort()))
        #expect(DescriptorMessage.send("sockets\n", Array(repeating: sent.descriptor, count: count), to: left))
        let message = try #require(DescriptorMessage.receive(from: right))
        #expect(message.text == "sockets\n")
        #expect(message.descriptors.count == count)
        let received = try message.descriptors.map { try #require(ListeningSocket(adopting: $0)) }
        #expect(received.allSatisfy { $0.place == sent.place && $0.descriptor != sent.descriptor })
        close(left)
        close(right)
    }

    @Test func carriesTextAlone() throws {
        let (left, right) = try pair()
        #expect(DescriptorMessage.send("serving\n", [], to: left))
        let message = try #require(DescriptorMessage.receive(from: right))
        #expect(message.text == "serving\n")
        #expect(message.descriptors.isEmpty)
        close(left)
        #expect(DescriptorMessage.receive(from: right) == nil)
        close(right)
    }

    @Test func refusesTooMany() throws {
        let (left, right) = try pair()
        #expect(!DescriptorMessage.send("x", Array(repeating: 0, count: DescriptorMessage.maximum + 1), to: left))
        close(left)
        close(right)
    }

    @Test func adoptsOnlyListeningSockets() throws {
        let (left, right) = try pair()
        #expect(ListeningSocket(adopting: left) == nil)
        close(left)
        close(right)
    }

    /// A port that nobody listens on now.
    private func freePort() throws -> UInt16 {
        let probe = socket(AF_INET, UnixAddress.stream, 0)
        defer { close(probe) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> UInt16 in
                guard bind(probe, pointer, length) == 0, getsockname(probe, pointer, &length) == 0 else { return 0 }
                return UInt16(bigEndian: pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_port })
            }
        }
        try #require(port > 0)
        return port
    }
}
