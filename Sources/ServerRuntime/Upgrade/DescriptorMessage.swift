import Foundation

/// Sends and receives file descriptors between processes (unix(7), `SCM_RIGHTS`).
enum DescriptorMessage {
    /// Descriptors in one message; there are never more listeners.
    static let maximum = 16

    private static let level = SOL_SOCKET
    // Not in the module map of every C library.
    private static let rights: CInt = 1
    private static let closeOnExec: CInt = 0x4000_0000
    private static let alignment = MemoryLayout<Int>.size

    /// The space of a control message in its buffer (cmsg(3), `CMSG_SPACE`).
    private static func space(_ bytes: Int) -> Int { header + (bytes + alignment - 1) / alignment * alignment }
    private static var header: Int { (MemoryLayout<cmsghdr>.size + alignment - 1) / alignment * alignment }

    /// False where it could not be sent as a whole.
    static func send(_ text: String, _ descriptors: [CInt], to socket: CInt) -> Bool {
        guard descriptors.count <= maximum else { return false }
        var bytes = Array(text.utf8)
        let size = descriptors.count * MemoryLayout<CInt>.size
        var control = [UInt8](repeating: 0, count: space(size))
        control.withUnsafeMutableBytes { buffer in
            var head = cmsghdr()
            head.cmsg_len = .init(header + size)
            head.cmsg_level = level
            head.cmsg_type = rights
            buffer.storeBytes(of: head, as: cmsghdr.self)
            for (index, descriptor) in descriptors.enumerated() {
                buffer.storeBytes(of: descriptor, toByteOffset: header + index * MemoryLayout<CInt>.size, as: CInt.self)
            }
        }
        let count = bytes.count
        return message(&bytes, &control) { message in
            if descriptors.isEmpty { (message.pointee.msg_control, message.pointee.msg_controllen) = (nil, 0) }
            return sendmsg(socket, message, Int32(MSG_NOSIGNAL))
        } == count
    }

    /// The next part of the stream, at most 4096 bytes, with the descriptors that came along; nil at its end, after a fault or a time-out.
    static func receive(from socket: CInt) -> (text: String, descriptors: [CInt])? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var control = [UInt8](repeating: 0, count: space(maximum * MemoryLayout<CInt>.size))
        var used = 0
        let count = message(&bytes, &control) { message in
            let count = recvmsg(socket, message, closeOnExec)
            used = Int(message.pointee.msg_controllen)
            return count
        }
        guard count > 0 else { return nil }
        return (String(decoding: bytes[..<count], as: UTF8.self), descriptors(in: control[..<min(used, control.count)]))
    }

    private static func descriptors(in control: ArraySlice<UInt8>) -> [CInt] {
        control.withUnsafeBytes { buffer in
            guard buffer.count >= header else { return [] }
            let head = buffer.loadUnaligned(as: cmsghdr.self)
            let end = min(Int(head.cmsg_len), buffer.count)
            guard head.cmsg_level == level, head.cmsg_type == rights else { return [] }
            return stride(from: header, to: end - MemoryLayout<CInt>.size + 1, by: MemoryLayout<CInt>.size).map {
                buffer.loadUnaligned(fromByteOffset: $0, as: CInt.self)
            }
        }
    }

    private static func message(
        _ bytes: inout [UInt8], _ control: inout [UInt8], _ body: (UnsafeMutablePointer<msghdr>) -> Int
    ) -> Int {
        bytes.withUnsafeMutableBytes { bytes in
            control.withUnsafeMutableBytes { control in
                var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = .init(control.count)
                    return body(&message)
                }
            }
        }
    }
}
