/// A short code in `response-flags` of the access log: which side ended a request, and how. The names are those that dashboards for Envoy know
/// (reference: services section 5.1).
public enum ResponseFlag: String, Sendable, CaseIterable {
    case downstreamClosed = "DC"
    case downstreamProtocolError = "DPE"
    case durationTimeout = "DT"
    case noCluster = "NC"
    case noRoute = "NR"
    case overload = "OM"
    case streamIdle = "SI"
    case authorization = "UAEX"
    case upstreamClosed = "UC"
    case upstreamConnectionFailure = "UF"
    case noHealthyUpstream = "UH"
    case upstreamDurationReached = "UMSDR"
    case overflow = "UO"
    case upstreamProtocolError = "UPE"
    case upstreamTimeout = "UT"

    public var meaning: String {
        switch self {
        case .downstreamClosed: "the connection to the client is gone"
        case .downstreamProtocolError: "the client broke the rules of HTTP"
        case .durationTimeout: "the time for a whole request is over"
        case .noCluster: "the route has no usable destination"
        case .noRoute: "no route matches"
        case .overload: "the process has no memory for the request"
        case .streamIdle: "nothing moved for too long"
        case .authorization: "the decision was not in favour, or could not be made"
        case .upstreamClosed: "the application closed the connection"
        case .upstreamConnectionFailure: "no connection to the application could be made"
        case .noHealthyUpstream: "the application has no usable address"
        case .upstreamDurationReached: "the application's answer took too long as a whole"
        case .overflow: "too many connections to the application"
        case .upstreamProtocolError: "the application broke the rules of HTTP"
        case .upstreamTimeout: "the application did not answer in time"
        }
    }

    /// Status code that a gRPC client is told (grpc/grpc doc/statuscodes.md); nil where the HTTP status says it better.
    ///
    /// Differs from the reference in three flags: a lost connection may be tried again (`UC` is Unavailable, not Canceled), so may what there was no
    /// room for (`OM`, too), and a broken request is the client's fault (`DPE` is InvalidArgument, not Unknown).
    public var grpcStatus: Int? {
        switch self {
        case .authorization: nil
        case .downstreamClosed, .noCluster, .upstreamClosed, .upstreamConnectionFailure, .noHealthyUpstream, .overflow, .overload: 14
        case .durationTimeout, .streamIdle, .upstreamDurationReached, .upstreamTimeout: 4
        case .downstreamProtocolError: 3
        case .noRoute: 5
        case .upstreamProtocolError: 13
        }
    }
}
