import Observability
public import Pages

/// An answer of the product on the request path, as a value: what happened, not how it looks. ``LocalReplyRenderer`` gives it the form that
/// the client asked for.
public struct LocalReply: Sendable {
    /// HTTP status; 450 and 495 are the field's own for device and client certificate.
    public var status: Int
    /// One line, for example `Forbidden`; the `error` of JSON forms.
    public var title: String
    /// What happened and what to do, safe to show to anybody.
    public var message: String
    /// Stable code that scripts and searches may rely on, for example `email-unauthorized`.
    public var reasonCode: String
    /// `response-code-details` for log, page and JSON.
    public var detail: String
    /// `response-flags` of the access log; empty takes those that go with the detail.
    public var flags: String
    /// What a gRPC client is told; nil takes it from the flags, else from the status.
    public var grpcStatus: GRPCStatus?
    /// Where an API client's person can sign in.
    public var loginURL: String?
    /// Who is signed in, for a 403.
    public var signedInAs: String?
    public var signInAgainURL: String?
    public var signOutURL: String?
    public var explanations: [ErrorPage.Explanation]
    public var upstream: UpstreamFailure?
    /// Name and value pairs added to every form.
    public var headers: [(name: String, value: String)]
    /// Seconds for `Retry-After`.
    public var retryAfter: Int?

    public init(
        status: Int, title: String, message: String, reasonCode: String, detail: String, loginURL: String? = nil, signedInAs: String? = nil,
        signInAgainURL: String? = nil, signOutURL: String? = nil, explanations: [ErrorPage.Explanation] = [], upstream: UpstreamFailure? = nil,
        headers: [(name: String, value: String)] = [], retryAfter: Int? = nil, flags: String = "", grpcStatus: GRPCStatus? = nil
    ) {
        self.status = status
        self.title = title
        self.message = message
        self.reasonCode = reasonCode
        self.detail = detail
        self.flags = flags.isEmpty ? ResponseCodeDetail(detail: detail)?.flags ?? "" : flags
        self.grpcStatus = grpcStatus
        self.loginURL = loginURL
        self.signedInAs = signedInAs
        self.signInAgainURL = signInAgainURL
        self.signOutURL = signOutURL
        self.explanations = explanations
        self.upstream = upstream
        self.headers = headers
        self.retryAfter = retryAfter
    }
}
