/// The lints of the product. A new one is a file with a type, a line here, and a golden case.
public struct LintCatalog: Sendable {
    public let lints: [any ConfigLint]

    public init(_ lints: [any ConfigLint]) {
        self.lints = lints
    }

    /// Every code with a page in the reference: those of the lints, then those that loading raises.
    public var rules: [LintRule] { lints.map(\.rule) + LoaderRules.all }

    public static let standard = LintCatalog([
        RegexOverlapLint(),
        SlowRegexLint(),
        RouteToItselfLint(),
        CertificateCoverageLint(),
        PublicRoutePolicyLint(),
        AnyUserPolicyLint(),
        AccessListLint(),
        AllowsNobodyLint(),
        AlwaysAllowsLint(),
        AlwaysTrueCriterionLint(),
        NeverMatchesLint(),
        ContradictingAndLint(),
        DateInThePastLint(),
        DuplicateCriterionLint(),
        CapitalsInEmailLint(),
        HostBitsLint(),
        UnknownGroupLint(),
        SimilarGroupLint(),
        SkipVerifyLint(),
        PlainIdentityLint(),
        SecretInHeaderLint(),
        IdleOptionLint(),
    ])
}
