import Testing

@testable import PolicyLanguage

@Suite struct PolicyOutcomeTests {
    @Test(
        arguments: [
            (true, false, [.accept], [], PolicyOutcome.allowed),
            (true, false, [.accept], [.clientCertificateRequired], .clientCertificate),
            (true, true, [.accept], [.invalidClientCertificate, .userUnauthenticated], .clientCertificate),
            (false, false, [.clientCertificateRequired], [], .clientCertificate),
            (false, true, [.userUnauthenticated], [.sourceIPOK], .login),
            (false, true, [.userUnauthenticated], [.routeNotFound], .login),
            (false, true, [], [.routeNotFound], .notFound),
            (true, true, [.userUnauthenticated], [.httpPathOK], .login),
            (false, true, [.emailUnauthorized], [.deviceUnauthorized, .routeNotFound], .deviceUnauthorized),
            (true, false, [.accept], [.userUnauthenticated], .login),
            (true, false, [.userUnauthenticated], [], .login),
            (false, false, [.userUnauthenticated, .deviceUnauthenticated], [], .login),
            (false, false, [.deviceUnauthenticated], [], .deviceEnrollment),
            (true, false, [.emailOK], [.deviceUnauthenticated], .deviceEnrollment),
            (true, true, [.emailOK], [.deviceUnauthenticated], .deviceEnrollment),
            (true, true, [.emailOK], [.deviceUnauthorized], .deviceUnauthorized),
            (false, true, [.deviceUnauthenticated], [.httpPathOK], .deviceEnrollment),
            (false, false, [.deviceUnauthorized], [], .deviceUnauthorized),
            (false, false, [], [], .forbidden),
            (false, false, [.emailUnauthorized], [.emailOK], .forbidden),
            (false, false, [.clientCertificateUnauthorized], [], .forbidden),
        ] as [(Bool, Bool, ReasonSet, ReasonSet, PolicyOutcome)])
    func followsTheOrder(allow: Bool, deny: Bool, allowReasons: ReasonSet, denyReasons: ReasonSet, outcome: PolicyOutcome) {
        let verdict = PolicyVerdict(allow: allow, deny: deny, allowReasons: allowReasons, denyReasons: denyReasons)
        #expect(verdict.outcome == outcome)
    }

    @Test func nothingIsAllowedThatIsDeniedOrLacksAnIdentity() {
        for reason in Reason.allCases {
            #expect(PolicyVerdict(allow: true, deny: true, allowReasons: [.accept], denyReasons: ReasonSet(reason)).outcome != .allowed)
            #expect(PolicyVerdict(allow: false, deny: false, allowReasons: ReasonSet(reason), denyReasons: []).outcome != .allowed)
        }
    }

    @Test func namesTheReasonsOfTheSideThatDecided() {
        let denied = PolicyVerdict(allow: true, deny: true, allowReasons: [.emailOK], denyReasons: [.sourceIPOK])
        #expect(denied.decisiveReasons == [.sourceIPOK])
        let notAllowed = PolicyVerdict(allow: false, deny: false, allowReasons: [.emailUnauthorized], denyReasons: [.sourceIPUnauthorized])
        #expect(notAllowed.decisiveReasons == [.emailUnauthorized])
        #expect(PolicyVerdict.routeNotFound.outcome == .notFound)
        #expect(PolicyVerdict.controlRoute.outcome == .allowed)
        #expect(PolicyVerdict.controlRouteWithoutSession.outcome == .login)
    }
}
