import Diagnostics
import Routing
import Testing

@Suite struct KubernetesTests {
    @Test(arguments: ["abc.def", "abc.def\n", "abc.def\r\n\n"])
    func readsTheTokenOfAFile(content: String) throws {
        let (route, diagnostics) = try SampleRoute.decode(
            "to: https://a\nkubernetes_service_account_token_file: token", files: ["token": content])
        #expect(route.kubernetesServiceAccountToken == "abc.def")
        #expect(diagnostics.isEmpty)
    }

    @Test func readsATokenInPlace() throws {
        let (route, diagnostics) = try SampleRoute.decode("to: https://a\nkubernetes_service_account_token: \"abc.def\\n\"")
        #expect(route.kubernetesServiceAccountToken == "abc.def")
        #expect(diagnostics.isEmpty)
    }

    @Test func refusesBoth() throws {
        let (_, diagnostics) = try SampleRoute.decode(
            "to: https://a\nkubernetes_service_account_token: a\nkubernetes_service_account_token_file: token", files: ["token": "b"])
        #expect(
            diagnostics.map(\.message) == [
                "config: specified both `kubernetes_service_account_token_file` and `kubernetes_service_account_token`"
            ])
    }

    @Test(arguments: ["a b", "\n", "a\nEvil: 1", "Grüße"])
    func refusesWhatIsNoToken(content: String) throws {
        let (route, diagnostics) = try SampleRoute.decode(
            "to: https://a\nkubernetes_service_account_token_file: token", files: ["token": content])
        #expect(route.kubernetesServiceAccountToken == nil)
        #expect(diagnostics.map(\.code) == ["invalid-token"])
    }

    @Test func namesTheFileThatCannotBeRead() throws {
        let (_, diagnostics) = try SampleRoute.decode("to: https://a\nkubernetes_service_account_token_file: none")
        #expect(diagnostics.map(\.code) == ["unreadable-file"])
    }

    @Test(arguments: ["Authorization", "impersonate-user"])
    func refusesASecondAuthorOfItsHeaders(name: String) throws {
        let (_, diagnostics) = try SampleRoute.decode(
            "to: https://a\nkubernetes_service_account_token: a\nset_request_headers: {\(name): b}")
        #expect(diagnostics.map(\.code) == ["contradictory-headers"])
    }
}
