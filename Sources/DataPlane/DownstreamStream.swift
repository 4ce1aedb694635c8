import HTTPWire
import NIOCore

/// The client's side of one request, whatever the version of HTTP. Pipeline and exchange know nothing else of it.
protocol DownstreamStream: AnyObject {
    /// The channel of the connection that it is on, see ``ClientConnection/transport``.
    var transport: (any Channel)? { get }
    /// False while more waits for the client than should be held in memory.
    var isWritable: Bool { get }
    /// The request with its body has been received.
    var isRequestComplete: Bool { get }
    /// A final head was sent.
    var hasStarted: Bool { get }

    /// A 1xx head. `lines` are serialised fields.
    func sendInformational(_ status: Int, lines: [UInt8])
    /// The final head, held back until ``flush()`` so that it leaves together with what follows.
    func sendHead(_ head: OutgoingHead)
    /// Content; chunked where the head said so.
    func sendBody(_ part: ByteBuffer)
    /// The response is complete. `trailers` are serialised fields, sent where the framing has a place for them.
    func sendEnd(trailers: [UInt8])
    /// After a 101 head: from now on bytes go both ways untouched, by `sendBody` and `bodyReceived`.
    func startTunnel()
    func flush()
    /// Ends the stream so that the client sees that the response is not complete.
    func abort()

    /// The client waits for 100 (Continue) before it sends the body.
    var mayContinue: Bool { get set }
    func pauseBody()
    func resumeBody()
}

extension DownstreamStream {
    /// The body is wanted: says 100 (Continue) where the client waits for it, and delivers what comes.
    func acceptBody() {
        guard !isRequestComplete else { return }
        if mayContinue {
            mayContinue = false
            sendInformational(100, lines: [])
            flush()
        }
        resumeBody()
    }
}

/// A response head on its way to the client. `lines` and `moreLines` are serialised fields without framing.
struct OutgoingHead {
    var status: Int
    var reason = ByteView.empty
    var lines: [UInt8]
    var moreLines: [UInt8] = []
    var framing: BodyFraming
    /// Content-Length of a message that has no content itself (HEAD, 304).
    var declaredLength: UInt64?
    /// An answer of our own, given without regard to the request's body.
    var isLocal = false
    /// The connection is to end with this response.
    var closes = false
}

/// What a stream reports; `RequestPipeline` listens.
protocol DownstreamEvents: AnyObject {
    func bodyReceived(_ part: ByteBuffer)
    /// Everything that arrived together was delivered.
    func bodyReadComplete()
    func bodyEnded(trailers: FieldSection)
    /// The rest of the request cannot be read.
    func bodyFailed(_ error: WireError)
    /// The time for the request is over and it is not complete.
    func requestTimedOut()
    /// `isWritable` is true again.
    func becameWritable()
    /// Nothing can be sent any more.
    func clientLeft()
}
