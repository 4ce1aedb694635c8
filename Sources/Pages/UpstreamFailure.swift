/// Why an allowed request got no answer from the application, and which of the three parties failed.
public struct UpstreamFailure: Sendable, Equatable {
    /// The parties a request passes, in order.
    public enum Party: String, Sendable, CaseIterable {
        case you
        case proxy
        case application
    }

    public var cause: Cause
    public var failedParty: Party
    /// The destination as the operator wrote it, such as `https://10.0.0.5:8443`. Leave it out where users should not learn it.
    public var target: String?
    /// More precise than the cause's own hint, such as the name in the certificate; safe to show.
    public var hint: String?

    public init(_ cause: Cause, failedParty: Party? = nil, target: String? = nil, hint: String? = nil) {
        self.cause = cause
        self.failedParty = failedParty ?? cause.failedParty
        self.target = target
        self.hint = hint
    }

    var section: [String: Any] {
        let failed = Party.allCases.firstIndex(of: failedParty) ?? 0
        let hops = Party.allCases.enumerated().map { position, party -> [String: Any] in
            let state = position < failed ? HopState.ok : position == failed ? .failed : .unknown
            return [
                "state": state.rawValue, "sign": state.sign, "text": state.text(of: party), "name": party.name,
                "afterBreak": state == .failed && position > 0,
            ]
        }
        var section = PageModel.row(["cause": cause.text, "hint": hint ?? cause.hint, "target": target])
        section["hops"] = hops
        return section
    }
}

private enum HopState: String {
    case ok
    case failed
    case unknown

    /// An SVG path: a tick, a cross, a dash.
    var sign: String {
        switch self {
        case .ok: "M10 16.5l4 4 8-9"
        case .failed: "M11 11l10 10M21 11L11 21"
        case .unknown: "M11 16h10"
        }
    }

    func text(of party: UpstreamFailure.Party) -> String {
        switch self {
        case .ok: "working"
        case .failed: party == .you ? "problem here" : "failed"
        case .unknown: "not reached"
        }
    }
}

extension UpstreamFailure.Party {
    var name: String {
        switch self {
        case .you: "You"
        case .proxy: "Postern"
        case .application: "Application"
        }
    }
}
