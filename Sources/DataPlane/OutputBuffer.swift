import NIOCore

/// Small writes on their way into one big one, in memory that is used again and again.
///
/// The channel holds what it was given until it has written it, which is nearly always at once. So the memory is taken back at the next
/// write and not at the hand-over: by then nobody else holds it, and nothing has to be allocated.
struct OutputBuffer {
    private var buffer = ByteBuffer()
    private var isHandedOver = false

    var readableBytes: Int { isHandedOver ? 0 : buffer.readableBytes }

    /// Everything written so far, which then belongs to the channel.
    mutating func handOver() -> ByteBuffer {
        isHandedOver = true
        return buffer
    }

    mutating func append<Result>(_ body: (inout ByteBuffer) -> Result) -> Result {
        takeBack()
        return body(&buffer)
    }

    mutating func writeBytes(_ bytes: [UInt8]) {
        takeBack()
        buffer.writeBytes(bytes)
    }

    mutating func writeStaticString(_ text: StaticString) {
        takeBack()
        buffer.writeStaticString(text)
    }

    mutating func writeBuffer(_ other: inout ByteBuffer) {
        takeBack()
        buffer.writeBuffer(&other)
    }

    private mutating func takeBack() {
        guard isHandedOver else { return }
        isHandedOver = false
        buffer.clear()
    }
}
