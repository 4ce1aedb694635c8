extension OIDCProfile {
    /// Microsoft Entra. The description for several tenants calls itself `…/{tenantid}/v2.0`; ID tokens are checked against their own tenant.
    /// `sub` differs from client to client there, `oid` is the person.
    static let azure = OIDCProfile(
        name: "azure", defaultURL: "https://login.microsoftonline.com/common/v2.0", defaultRequestParameters: ["prompt": "select_account"],
        checksIssuer: false, subjectClaim: "oid")
}
