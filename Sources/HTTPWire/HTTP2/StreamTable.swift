/// One stream as the connection knows it (RFC 9113 section 5.1). What is in the table is open, or closed on one side.
struct StreamState: Sendable {
    /// 0 where the slot is free.
    var id: UInt32 = 0
    /// The client has said everything.
    var isRemoteClosed = false
    /// What we may send.
    var sendWindow = 0
    /// What the client may send.
    var receiveWindow = 0
    /// Received, and not yet taken by the application.
    var held = 0
    /// Taken by the application, and not yet given back to the client.
    var owed = 0
    /// Content that its length announces and that has not come; nil without a length.
    var announced: UInt64?
}

/// The streams of one connection in slots, whose numbers are small and used again.
struct StreamTable: Sendable {
    private(set) var slots: [StreamState] = []
    private(set) var count = 0
    /// Where a stream was found last; most frames in a row belong to one.
    private var last = 0

    /// The slot of a stream.
    mutating func slot(of id: UInt32) -> Int? {
        if last < slots.count, slots[last].id == id { return last }
        for slot in slots.indices where slots[slot].id == id {
            last = slot
            return slot
        }
        return nil
    }

    mutating func insert(_ stream: StreamState) -> Int {
        count += 1
        if let free = slots.firstIndex(where: { $0.id == 0 }) {
            slots[free] = stream
            return free
        }
        slots.append(stream)
        return slots.count - 1
    }

    mutating func remove(_ slot: Int) {
        count -= 1
        slots[slot] = StreamState()
    }

    subscript(slot: Int) -> StreamState {
        get { slots[slot] }
        _modify { yield &slots[slot] }
    }

    /// Moves the send windows of all streams. False where one would exceed the largest.
    mutating func moveSendWindows(by difference: Int) -> Bool {
        for slot in slots.indices where slots[slot].id != 0 {
            slots[slot].sendWindow += difference
            if slots[slot].sendWindow > FrameHeader.maxValue { return false }
        }
        return true
    }
}

/// The streams that closed last, and how: what still comes for them is judged by it (RFC 9113 section 5.1, "closed").
struct ClosedStreams: Sendable {
    enum Cause: UInt8, Sendable {
        /// Both sides have said everything, or the client has reset it: it can have nothing more to say.
        case finished
        /// We have reset it; what the client sent before it knew is ignored.
        case resetByUs
    }

    private static let limit = 128
    private var ids: [UInt32] = []
    private var causes: [Cause] = []
    private var next = 0

    mutating func add(_ id: UInt32, _ cause: Cause) {
        if ids.count < Self.limit {
            ids.append(id)
            causes.append(cause)
        } else {
            ids[next] = id
            causes[next] = cause
            next = (next + 1) % Self.limit
        }
    }

    func cause(of id: UInt32) -> Cause? {
        ids.lastIndex(of: id).map { causes[$0] }
    }
}
