/// How a request to a target ended, as far as its health is concerned.
enum RequestOutcome: Equatable {
    case status(Int)
    /// No connection.
    case connectFailure
    /// The connection ended, or what came was no HTTP, before the answer.
    case reset
    /// No answer in time.
    case timeout

    /// The status as which it counts; what did not come from the target counts as what a gateway would say.
    var status: Int {
        switch self {
        case .status(let status): status
        case .connectFailure, .reset: 503
        case .timeout: 504
        }
    }

    var isLocal: Bool {
        if case .status = self { false } else { true }
    }
}
