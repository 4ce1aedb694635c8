public import PolicyLanguage

extension CompiledRoute {
    /// Whether both let the same people do the same. True only where that is certain: the rules are compared as they were written.
    public func hasSameAccess(as other: CompiledRoute) -> Bool {
        guard isUnavailable == other.isUnavailable else { return false }
        return definition.hasSameAccess(as: other.definition)
    }

    /// The same route with other policies to be watched beside its own.
    public func watching(_ shadow: [CompiledPolicy]) -> CompiledRoute {
        var access = access
        access.shadow = shadow
        return CompiledRoute(
            id: id, name: name, definition: definition, from: from, destination: destination, access: access, identity: identity,
            requestHeaders: requestHeaders, responseHeaders: responseHeaders, timeout: timeout, idleTimeout: idleTimeout, upgrades: upgrades,
            circuitBreaker: circuitBreaker)
    }

    private var isUnavailable: Bool {
        if case .unavailable = destination { true } else { false }
    }
}

extension RouteDefinition {
    fileprivate func hasSameAccess(as other: RouteDefinition) -> Bool {
        guard allowPublicUnauthenticatedAccess == other.allowPublicUnauthenticatedAccess,
            allowAnyAuthenticatedUser == other.allowAnyAuthenticatedUser, corsAllowPreflight == other.corsAllowPreflight,
            allowedUsers == other.allowedUsers, allowedDomains == other.allowedDomains,
            allowedIDPClaims.count == other.allowedIDPClaims.count,
            zip(allowedIDPClaims, other.allowedIDPClaims).allSatisfy({ $0.name == $1.name && $0.values == $1.values })
        else { return false }
        switch (policy, other.policy) {
        case (nil, nil): return true
        case (let mine?, let theirs?): return mine.hasSameRules(as: theirs)
        default: return false
        }
    }
}
