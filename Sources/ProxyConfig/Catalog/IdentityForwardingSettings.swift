import Diagnostics
import PolicyLanguage
import Routing

extension SettingGroup {
    /// Reference: configuration section 2.10.
    static let identityForwarding = SettingGroup(
        title: "Identity for applications",
        settings: [
            .bool(
                "pass_identity_headers", \.passIdentityHeaders,
                "Applications are told who is there: `X-Pomerium-Jwt-Assertion` and the claim headers. A route can say otherwise."),
            .custom(
                "jwt_claims_headers", type: "object or list", default: "–",
                """
                Claims that applications get as headers: an object of header and claim, or a list of claims that become `X-Pomerium-Claim-<claim>`. \
                A claim that a person does not have is an empty header.
                """, form: .flexible
            ) { entry, context in
                if let headers = entry.claimHeaders(&context.report) { context.settings.jwtClaimsHeaders = headers }
            },
            .custom(
                "jwt_issuer_format", type: "`hostOnly`, `uri`", default: "hostOnly",
                "The assertion's `iss`: the route's host name, or `https://HOST/` with the final slash."
            ) { entry, context in
                if let format = entry.choice(of: IssuerFormat.spellings, &context.report) { context.settings.jwtIssuerFormat = format }
            },
        ])
}

extension ConfigEntry {
    fileprivate func claimHeaders(_ report: inout DiagnosticReport) -> [ClaimHeader]? {
        var pairs: [(header: String, claim: String, position: SourcePosition)] = []
        switch value.kind {
        case .mapping:
            guard let map = stringMap(&report) else { return nil }
            pairs = map.map { ($0.name.key, $0.value, $0.name.keyPosition) }
        case .sequence(let elements):
            for element in elements {
                guard let claim = element.scalarText else {
                    report.error("wrong-type", "\(key): syntax error: found nested object in array of values", at: element.position)
                    return nil
                }
                pairs.append(("x-pomerium-claim-\(claim)", claim, element.position))
            }
        case .string(let text):
            let claims = text.split { $0 == "," || $0 == " " }.map(String.init)
            pairs = claims.map { ("x-pomerium-claim-\($0)", $0, position) }
        default:
            report.error(
                "wrong-type", "JWTClaimHeaders must be an object or an array of values, got: \(value.scalarText ?? value.kindName)", at: position)
            return nil
        }
        return pairs.compactMap { pair in
            guard FieldSyntax.isName(pair.header), !FieldSyntax.isReserved(pair.header) else {
                report.error("invalid-header-name", "\(key) has invalid header name \"\(pair.header)\"", at: pair.position)
                return nil
            }
            return ClaimHeader(header: pair.header, claim: pair.claim)
        }
    }
}
