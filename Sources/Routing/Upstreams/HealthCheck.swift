/// One entry of `health_checks`: how a target is asked whether it is well (reference: configuration section 3.8). Times are nanoseconds.
public struct HealthCheck: Sendable, Hashable {
    public var probe: Probe
    /// Until a probe has its answer, connecting included.
    public var timeout: Int64
    /// Between two probes of a target; the further intervals take its value where nothing else is said.
    public var interval: Int64
    /// Good answers in a row that make an unhealthy target healthy.
    public var healthyThreshold: Int
    /// Failures in a row that make a healthy target unhealthy. A wrong status does so at once.
    public var unhealthyThreshold: Int
    /// The first probe waits a random time up to this.
    public var initialJitter: Int64 = 0
    /// Added to each interval, a random part of it.
    public var intervalJitter: Int64 = 0
    /// Per cent of the interval that are added to it, a random part of them.
    public var intervalJitterPercent = 0
    /// While the target has never had a request.
    public var noTrafficInterval: Int64 = 60_000_000_000
    /// As `noTrafficInterval`, for a healthy target.
    public var noTrafficHealthyInterval: Int64?
    /// While the target is unhealthy.
    public var unhealthyInterval: Int64?
    /// Once, after the target has become unhealthy.
    public var unhealthyEdgeInterval: Int64?
    /// Once, after the target has become healthy.
    public var healthyEdgeInterval: Int64?
    /// Probed instead of the target's own port.
    public var altPort: UInt16?
    /// Log each failure, and not only the changes.
    public var alwaysLogFailures = false

    public enum Probe: Sendable, Hashable {
        case http(HTTPProbe)
        case tcp(TCPProbe)
        /// The gRPC health protocol, `grpc.health.v1.Health/Check`.
        case grpc(service: String, authority: String?)

        /// Spoken over HTTP/2.
        public var usesHTTP2: Bool {
            switch self {
            case .http(let probe): probe.usesHTTP2
            case .tcp: false
            case .grpc: true
            }
        }
    }

    public init(probe: Probe, timeout: Int64, interval: Int64, healthyThreshold: Int, unhealthyThreshold: Int) {
        self.probe = probe
        self.timeout = timeout
        self.interval = interval
        self.healthyThreshold = healthyThreshold
        self.unhealthyThreshold = unhealthyThreshold
    }
}

/// `http_health_check`.
public struct HTTPProbe: Sendable, Hashable {
    /// Nil: the target's own.
    public var host: String?
    /// Legal in a request line.
    public var path: String
    public var method = "GET"
    /// Statuses of a healthy target.
    public var expected: [Range<Int>] = [200..<201]
    /// Other statuses that count towards the threshold, where all the rest make the target unhealthy at once.
    public var retriable: [Range<Int>] = []
    /// `codec_client_type: HTTP2`.
    public var usesHTTP2 = false

    public init(path: String) {
        self.path = path
    }
}

/// `tcp_health_check`.
public struct TCPProbe: Sendable, Hashable {
    /// Written once the connection stands; empty: that it stands is enough.
    public var send: [UInt8]
    /// Blocks that the answer must hold, in this order.
    public var receive: [[UInt8]]

    public init(send: [UInt8] = [], receive: [[UInt8]] = []) {
        self.send = send
        self.receive = receive
    }
}
