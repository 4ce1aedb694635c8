public import PolicyLanguage

extension CriterionCatalog {
    /// Every criterion of the product. A new one is one line here, one file and one test.
    public static let standard = CriterionCatalog([
        AcceptCriterion.self,
        RejectCriterion.self,
        AuthenticatedUserCriterion.self,
        UserCriterion.self,
        EmailCriterion.self,
        DomainCriterion.self,
        ClaimCriterion.self,
        GroupsCriterion.self,
        HTTPMethodCriterion.self,
        HTTPPathCriterion.self,
        CORSPreflightCriterion.self,
        SourceIPCriterion.self,
        DateCriterion.self,
        DayOfWeekCriterion.self,
        TimeOfDayCriterion.self,
        ClientCertificateCriterion.self,
        InvalidClientCertificateCriterion.self,
        DeviceCriterion.self,
        RecordCriterion.self,
        MCPToolCriterion.self,
        SSHUsernameCriterion.self,
        SSHUsernameMatchesEmailCriterion.self,
        SSHUsernameMatchesClaimCriterion.self,
        SSHPublicKeyCriterion.self,
        SSHCACriterion.self,
    ])
}
