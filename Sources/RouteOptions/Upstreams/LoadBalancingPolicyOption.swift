import Routing

/// `load_balancing_policy`.
struct LoadBalancingPolicyOption: RouteOption {
    let key = "load_balancing_policy"
    let reference = RouteOptionReference(
        type: LoadBalancingPolicy.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "), defaultValue: "`ROUND_ROBIN`",
        text: """
            How one of several entries of `to` is chosen, always in proportion to the weights: `ROUND_ROBIN` in turn, `RANDOM` at random, \
            `LEAST_REQUEST` the less busy of two drawn at random. `RING_HASH` and `MAGLEV` send a session always to the same entry, or a client \
            address where there is no session; when an entry leaves, only its share moves (all but a few in a hundred with `MAGLEV`, which has \
            more even shares).
            """,
        example: "load_balancing_policy: LEAST_REQUEST")

    func decode(_ entry: ConfigEntry, into route: inout RouteDefinition, _ context: inout RouteDecodingContext) {
        let policy = entry.choice(of: LoadBalancingPolicy.allCases.map { ($0.rawValue, $0) }, &context.report)
        if let policy { route.loadBalancing = policy }
    }
}
