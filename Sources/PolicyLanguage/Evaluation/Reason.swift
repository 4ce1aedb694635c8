/// Why a criterion, and with it a policy, came out as it did. The raw values are stable: logs, spans and scripts match them.
public enum Reason: String, Sendable, Hashable, CaseIterable, Codable {
    case accept = "accept"
    case claimOK = "claim-ok"
    case claimUnauthorized = "claim-unauthorized"
    case clientCertificateOK = "client-certificate-ok"
    case clientCertificateUnauthorized = "client-certificate-unauthorized"
    case clientCertificateRequired = "client-certificate-required"
    case corsRequest = "cors-request"
    case dateOK = "date-ok"
    case dateUnauthorized = "date-unauthorized"
    case dayOfWeekOK = "day-of-week-ok"
    case dayOfWeekUnauthorized = "day-of-week-unauthorized"
    case deviceOK = "device-ok"
    case deviceUnauthenticated = "device-unauthenticated"
    case deviceUnauthorized = "device-unauthorized"
    case domainOK = "domain-ok"
    case domainUnauthorized = "domain-unauthorized"
    case emailOK = "email-ok"
    case emailUnauthorized = "email-unauthorized"
    case groupsOK = "groups-ok"
    case groupsUnauthorized = "groups-unauthorized"
    case httpMethodOK = "http-method-ok"
    case httpMethodUnauthorized = "http-method-unauthorized"
    case httpPathOK = "http-path-ok"
    case httpPathUnauthorized = "http-path-unauthorized"
    case invalidClientCertificate = "invalid-client-certificate"
    case mcpNotAToolCall = "mcp-not-a-tool-call"
    case mcpToolMatch = "mcp-tool-match"
    case mcpToolNoMatch = "mcp-tool-no-match"
    case nonCORSRequest = "non-cors-request"
    case nonPomeriumRoute = "non-pomerium-route"
    case pomeriumRoute = "pomerium-route"
    case recordOK = "record-ok"
    case recordUnauthorized = "record-unauthorized"
    case reject = "reject"
    case routeNotFound = "route-not-found"
    case sourceIPOK = "source-ip-ok"
    case sourceIPUnauthorized = "source-ip-unauthorized"
    case sshPublicKeyOK = "ssh-publickey-ok"
    case sshPublicKeyUnauthorized = "ssh-publickey-unauthorized"
    case sshUsernameOK = "ssh-username-ok"
    case sshUsernameUnauthorized = "ssh-username-unauthorized"
    case timeOfDayOK = "time-of-day-ok"
    case timeOfDayUnauthorized = "time-of-day-unauthorized"
    case userOK = "user-ok"
    case userUnauthenticated = "user-unauthenticated"
    case userUnauthorized = "user-unauthorized"
    case validClientCertificate = "valid-client-certificate"
}

/// A set of reasons in one machine word.
public struct ReasonSet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public init(_ reason: Reason) {
        rawValue = 1 << UInt64(reason.bit)
    }

    public func contains(_ reason: Reason) -> Bool { contains(ReasonSet(reason)) }

    /// The codes in alphabetical order, as logs show them.
    public var codes: [String] { reasons.map(\.rawValue) }

    /// In alphabetical order of the codes.
    public var reasons: [Reason] {
        Reason.allCases.filter { contains($0) }.sorted { $0.rawValue < $1.rawValue }
    }
}

extension ReasonSet: ExpressibleByArrayLiteral, CustomStringConvertible {
    public init(arrayLiteral elements: Reason...) {
        self = elements.reduce(ReasonSet(rawValue: 0)) { $0.union(ReasonSet($1)) }
    }

    public var description: String { "[" + codes.joined(separator: ", ") + "]" }
}

extension Reason {
    /// The position in the declaration; below 64, which a test holds.
    fileprivate var bit: UInt8 {
        // An enum without payloads of less than 256 cases is stored as its ordinal.
        unsafeBitCast(self, to: UInt8.self)
    }
}
