public import Diagnostics
public import PolicyLanguage

/// The options of a route that stand for policy rules.
///
/// Their rule allows whoever meets any of them. It takes part in the same decision as the route's own policy, so a deny rule still refuses.
public struct RouteBasePolicy: Sendable, Hashable {
    public var allowPublicUnauthenticatedAccess = false
    public var corsAllowPreflight = false
    public var allowAnyAuthenticatedUser = false
    public var allowedDomains: [String] = []
    /// Each is compared with the user's id and e-mail.
    public var allowedUsers: [String] = []
    /// Values by claim; each value of each claim is an alternative.
    public var allowedIDPClaims: [String: [ClaimValue]] = [:]

    public init() {}

    /// The rule in the policy language, criteria in the order of the options; nil if no option is set.
    ///
    /// Alternatives of one criterion are one list: that is looked up once, and its value and codes are those of the single criteria.
    public func document(at position: SourcePosition) -> PolicyDocument? {
        let yes = PositionedValue(.bool(true), at: position)
        let list = { (texts: [String]) in
            PositionedValue(
                .mapping([.init(key: "in", keyPosition: position, value: Self.list(texts.map { .string($0) }, at: position))]), at: position)
        }
        var criteria: [CriterionSource] = []
        let add = { (name: String, subPath: String?, data: PositionedValue) in
            criteria.append(CriterionSource(name: name, subPath: subPath, position: position, data: data))
        }
        if allowPublicUnauthenticatedAccess { add("accept", nil, yes) }
        if corsAllowPreflight { add("cors_preflight", nil, yes) }
        if allowAnyAuthenticatedUser { add("authenticated_user", nil, yes) }
        if !allowedDomains.isEmpty { add("domain", nil, list(allowedDomains)) }
        for (claim, values) in allowedIDPClaims.sorted(by: { $0.key < $1.key }) where !values.isEmpty {
            add("claim", claim, Self.list(values, at: position))
        }
        if !allowedUsers.isEmpty {
            add("user", nil, list(allowedUsers))
            add("email", nil, list(allowedUsers))
        }
        guard !criteria.isEmpty else { return nil }
        return PolicyDocument(rules: [.init(.allow, at: position, conditionals: [.init(.or, at: position, criteria: criteria)])])
    }

    /// Compiles ``document(at:)``; nil, without a diagnostic, if no option is set.
    public func compile(
        file: String, label: String = "route options", options: PolicyOptions = .standard, report: inout DiagnosticReport
    ) -> CompiledPolicy? {
        document(at: SourcePosition(file: file)).flatMap { CompiledPolicy($0, label: label, catalog: .standard, options: options, report: &report) }
    }

    /// The rule that every route gets where client certificates are demanded: `deny: or: [invalid_client_certificate]`.
    public static func requiringClientCertificate(file: String) -> PolicyDocument {
        let position = SourcePosition(file: file)
        let criterion = CriterionSource(name: "invalid_client_certificate", position: position, data: PositionedValue(.bool(true), at: position))
        return PolicyDocument(rules: [.init(.deny, at: position, conditionals: [.init(.or, at: position, criteria: [criterion])])])
    }

    private static func list(_ values: [ClaimValue], at position: SourcePosition) -> PositionedValue {
        PositionedValue(
            .sequence(
                values.map { value in
                    switch value {
                    case .null: PositionedValue(.null, at: position)
                    case .bool(let bool): PositionedValue(.bool(bool), at: position, text: "\(bool)")
                    case .int(let int): PositionedValue(.int(int), at: position, text: "\(int)")
                    case .double(let double): PositionedValue(.double(double), at: position, text: "\(double)")
                    case .string(let string): PositionedValue(.string(string), at: position)
                    }
                }), at: position)
    }
}
