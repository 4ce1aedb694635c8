extension UpstreamFailure {
    /// The causes that pages and logs tell apart; the raw value is the stable code.
    public enum Cause: String, Sendable, CaseIterable {
        case connectionRefused = "upstream-connection-refused"
        case unreachable = "upstream-unreachable"
        case nameNotFound = "upstream-name-not-found"
        case certificateName = "upstream-certificate-name"
        case certificateUntrusted = "upstream-certificate-untrusted"
        case certificateExpired = "upstream-certificate-expired"
        case handshake = "upstream-tls-handshake"
        case connectTimeout = "upstream-connect-timeout"
        case responseTimeout = "upstream-response-timeout"
        case connectionReset = "upstream-connection-reset"
        case invalidResponse = "upstream-invalid-response"
        case noHealthyDestination = "upstream-no-healthy-destination"
        case overloaded = "upstream-overloaded"
    }
}

extension UpstreamFailure.Cause {
    /// Whom the diagram marks when the caller does not say.
    public var failedParty: UpstreamFailure.Party {
        self == .overloaded ? .proxy : .application
    }

    /// What happened, as one sentence.
    public var text: String {
        switch self {
        case .connectionRefused: "The application refused the connection."
        case .unreachable: "There is no network path to the application."
        case .nameNotFound: "The application's host name could not be found in DNS."
        case .certificateName: "The application's TLS certificate is for another name."
        case .certificateUntrusted: "The application's TLS certificate is not trusted."
        case .certificateExpired: "The application's TLS certificate has expired or is not valid yet."
        case .handshake: "The TLS handshake with the application failed."
        case .connectTimeout: "The application did not accept the connection in time."
        case .responseTimeout: "The application did not answer in time."
        case .connectionReset: "The application closed the connection before its answer was complete."
        case .invalidResponse: "The application's answer is not valid HTTP."
        case .noHealthyDestination: "None of the application's servers is healthy."
        case .overloaded: "Too many requests are waiting for the application."
        }
    }

    /// What the operator can do about it.
    public var hint: String {
        switch self {
        case .connectionRefused: "Check that the application runs, and that host and port in the route's “to” are right."
        case .unreachable: "Check routing and firewall between the proxy and the application."
        case .nameNotFound: "Check the spelling of the host in the route's “to” and that the proxy's resolver knows it."
        case .certificateName: "Set “tls_upstream_server_name” on the route to a name that the certificate carries."
        case .certificateUntrusted: "Set “tls_custom_ca” on the route to the authority that signed the certificate."
        case .certificateExpired: "Renew the certificate, and compare the clocks of the two machines."
        case .handshake: "Check that the port speaks TLS and whether it asks for a client certificate."
        case .connectTimeout: "Check that the application's machine is up and that no firewall drops the packets."
        case .responseTimeout: "Try again in a moment. If the application needs longer by design, raise “timeout” on the route."
        case .connectionReset: "Try again in a moment. The application's log should say why it closed the connection."
        case .invalidResponse: "Check that the route's “to” points at an HTTP port and names the right scheme."
        case .noHealthyDestination: "Try again in a moment. The health checks of the route say which server fails and why."
        case .overloaded: "Try again in a moment."
        }
    }
}
