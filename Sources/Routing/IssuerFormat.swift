/// `jwt_issuer_format`.
public enum IssuerFormat: Sendable, Hashable {
    /// `iss` is the route's host name.
    case hostOnly
    /// `iss` is `https://HOST/`.
    case uri

    /// What a configuration may write, the default first.
    public static let spellings: [(String, IssuerFormat)] = [
        ("hostOnly", .hostOnly), ("uri", .uri), ("IssuerHostOnly", .hostOnly), ("IssuerURI", .uri),
    ]
}
