import Routing

/// `jwt_issuer_format`.
struct JWTIssuerFormatOption: RouteOption {
    let key = "jwt_issuer_format"
    let reference = RouteOptionReference(
        type: "`hostOnly` or `uri`", defaultValue: "the global setting",
        text: "The assertion's `iss`: the route's host name, or `https://HOST/` with the final slash.", example: "jwt_issuer_format: uri")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        route.jwtIssuerFormat = entry.choice(of: IssuerFormat.spellings, &context.report)
    }
}
