/// The chunked transfer coding of RFC 9112 section 7.1 as a state machine over bytes. Extensions are checked, bounded and forgotten.
struct ChunkedDecoder: Sendable {
    enum Step {
        /// All of the input was framing.
        case needMore
        /// Content, as a range of the input.
        case data(Range<Int>)
        /// The last chunk is over; the trailer section begins.
        case last
        case failed(WireError)
    }

    private enum State {
        case size, extensions, sizeLineFeed, data, dataCarriageReturn, dataLineFeed
    }

    /// What chunk framing may cost beyond its content before it counts as an attack.
    private static let maxOverhead = 16 * 1024

    private var state = State.size
    private var remaining: UInt64 = 0
    private var digits = 0
    private var lineBytes = 0
    private var overhead = 0
    private var extensions = ChunkExtensions()

    /// Takes bytes until there is content to hand out, an end, or nothing left.
    mutating func consume(_ input: UnsafeRawBufferPointer, limits: HTTPLimits) -> (consumed: Int, step: Step) {
        var index = 0
        while index < input.count {
            if case .data = state {
                let end = index + Int(min(UInt64(input.count - index), remaining))
                remaining -= UInt64(end - index)
                if remaining == 0 { state = .dataCarriageReturn }
                return (end, .data(index..<end))
            }
            let step = consumeFraming(input[index], limits: limits)
            index &+= 1
            if let step { return (index, step) }
        }
        return (index, .needMore)
    }

    private mutating func consumeFraming(_ byte: UInt8, limits: HTTPLimits) -> Step? {
        switch state {
        case .size, .extensions:
            lineBytes += 1
            // The carriage return does not count.
            guard lineBytes <= limits.maxChunkLineBytes || byte == ByteClass.cr else { return .failed(.chunkLineTooLong) }
            return state == .size ? consumeSize(byte) : consumeExtension(byte)
        case .sizeLineFeed:
            guard byte == ByteClass.lf else { return .failed(.bareCarriageReturn) }
            return endLine()
        case .dataCarriageReturn:
            guard byte == ByteClass.cr else { return .failed(.missingChunkLineEnd) }
            state = .dataLineFeed
            return nil
        case .dataLineFeed:
            guard byte == ByteClass.lf else { return .failed(.missingChunkLineEnd) }
            state = .size
            return nil
        case .data:
            return nil
        }
    }

    private mutating func consumeSize(_ byte: UInt8) -> Step? {
        if let value = ByteClass.hexValue(byte) {
            digits += 1
            guard digits <= 16, remaining < 0x0800_0000_0000_0000 else { return .failed(.invalidChunkSize) }
            remaining = remaining << 4 | UInt64(value)
            return nil
        }
        guard digits > 0 else { return .failed(.invalidChunkSize) }
        switch byte {
        case ByteClass.cr: state = .sizeLineFeed
        case 0x3B:
            state = .extensions
            extensions = ChunkExtensions()
        case ByteClass.lf: return .failed(.bareLineFeed)
        default: return .failed(.invalidChunkSize)
        }
        return nil
    }

    private mutating func consumeExtension(_ byte: UInt8) -> Step? {
        switch byte {
        case ByteClass.cr where extensions.isComplete: state = .sizeLineFeed
        case ByteClass.lf: return .failed(.bareLineFeed)
        default: return extensions.take(byte) ? nil : .failed(.invalidChunkExtension)
        }
        return nil
    }

    private mutating func endLine() -> Step? {
        // A line of up to 16 bytes is free; more is paid for by twice the content it announces.
        let earned = remaining > UInt64(Self.maxOverhead) ? Self.maxOverhead * 2 : Int(remaining) * 2
        overhead = max(0, overhead + lineBytes - 16 - earned)
        guard overhead <= Self.maxOverhead else { return .failed(.chunkOverhead) }
        digits = 0
        lineBytes = 0
        guard remaining > 0 else { return .last }
        state = .data
        return nil
    }
}
