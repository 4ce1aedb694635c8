import Records

/// Brings a provider's claims into the flat form that policy sees: objects with dots, lists as several values, null left out.
enum ClaimFlattening {
    /// Deeper objects, and values beyond this many, are left out: both are bounds against a provider gone wild, not limits of use.
    static let maximumDepth = 8
    static let maximumValues = 4096

    /// Claims that speak about the token rather than the person.
    static let tokenClaims: Set<String> = [
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "at_hash", "c_hash", "s_hash",
    ]

    /// Members of later objects replace members of earlier ones as a whole.
    static func flatten(_ sources: [[String: JSONValue]]) -> Claims {
        var members: [String: JSONValue] = [:]
        for source in sources { members.merge(source) { _, later in later } }
        var claims: Claims = [:]
        var room = maximumValues
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where !tokenClaims.contains(name) {
            add(value, as: name, to: &claims, depth: 0, room: &room)
        }
        return claims
    }

    private static func add(_ value: JSONValue, as name: String, to claims: inout Claims, depth: Int, room: inout Int) {
        guard depth <= maximumDepth, room > 0 else { return }
        func append(_ scalar: ClaimValue) {
            claims[name, default: []].append(scalar)
            room -= 1
        }
        switch value {
        case .null: break
        case .bool(let scalar): append(.bool(scalar))
        case .integer(let scalar): append(.integer(scalar))
        case .number(let scalar): append(.number(scalar))
        case .string(let scalar): append(.string(scalar))
        case .array(let values):
            for value in values { add(value, as: name, to: &claims, depth: depth + 1, room: &room) }
        case .object(let members):
            for (member, value) in members.sorted(by: { $0.key < $1.key }) {
                add(value, as: "\(name).\(member)", to: &claims, depth: depth + 1, room: &room)
            }
        }
    }
}
