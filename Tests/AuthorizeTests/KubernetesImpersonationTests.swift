import Foundation
import HTTPWire
import PolicyLanguage
import Routing
import Testing

@testable import Authorize

@Suite struct KubernetesImpersonationTests {
    private func lines(email: String, groups: [String], signedIn: Bool = true, passIdentity: Bool = false) async throws -> [String] {
        let fixture = try AuthorizeFixture()
        let route = try AuthorizeFixture.route("allow: {or: [accept: true]}", passIdentity: passIdentity, kubernetesToken: "service-token")
        let headers = signedIn ? [fixture.cookieHeader(try await fixture.signIn(email: email, groups: groups))] : []
        let permit = try #require(try await fixture.decide(fixture.request("/api/v1/pods", route: route, headers: headers)).permit)
        return String(decoding: permit.identityLines, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    @Test func speaksForThePersonAndTheGroups() async throws {
        #expect(
            try await lines(email: "ann@example.com", groups: ["eng", "ops team"]) == [
                "Impersonate-User: ann@example.com", "Impersonate-Group: eng", "Impersonate-Group: ops team", "Authorization: Bearer service-token",
            ])
    }

    @Test func goesTogetherWithTheAssertion() async throws {
        let lines = try await lines(email: "ann@example.com", groups: [], passIdentity: true)
        #expect(lines.first?.hasPrefix("X-Pomerium-Jwt-Assertion: ") == true)
        #expect(lines.suffix(2) == ["Impersonate-User: ann@example.com", "Authorization: Bearer service-token"])
    }

    /// The token alone would lend the rights of the service account.
    @Test(arguments: [("", true), ("ann@example.com\r\nImpersonate-Group: system:masters", true), ("", false)])
    func lendsTheTokenToNobody(email: String, signedIn: Bool) async throws {
        #expect(try await lines(email: email, groups: ["system:masters"], signedIn: signedIn) == [])
    }
}
