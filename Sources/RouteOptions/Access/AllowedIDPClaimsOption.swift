import Diagnostics
import PolicyLanguage
import Routing

/// `allowed_idp_claims`.
struct AllowedIDPClaimsOption: RouteOption {
    let key = "allowed_idp_claims"
    let reference = RouteOptionReference(
        type: "object of lists", defaultValue: "–",
        text: "Claims with the values that may use the route; any one value of any claim is enough. `policy` says the same with more to choose from.",
        example: "allowed_idp_claims: {department: [engineering]}")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        guard let entries = entry.value.mapping else { return entry.mismatch("an object", &context.report) }
        var claims: [(name: String, values: [ClaimValue])] = []
        for claim in entries {
            guard !claim.key.isEmpty else {
                context.report.error("empty-value", "allowed_idp_claims has a claim without a name", at: claim.keyPosition)
                continue
            }
            let values = (claim.value.sequence ?? [claim.value]).compactMap { value -> ClaimValue? in
                if let scalar = Self.scalar(value) { return scalar }
                entry.part(value).mismatch("an object of lists", &context.report)
                return nil
            }
            claims.append((claim.key, values))
        }
        route.allowedIDPClaims = claims.sorted { $0.name < $1.name }
    }

    /// A value with its type: the claim `5` is not the claim `"5"`.
    private static func scalar(_ value: PositionedValue) -> ClaimValue? {
        switch value.kind {
        case .bool(let bool): .bool(bool)
        case .int(let int): .int(int)
        case .double(let double): .double(double)
        case .string(let string): .string(string)
        case .null, .sequence, .mapping: nil
        }
    }
}
