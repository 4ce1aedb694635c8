import Foundation
import LocalReplies
import Observability
import Records
import Routing
import Testing

@testable import Authorize

/// Raises every detail that the authorizer has, in every form of answer.
@Suite struct ResponseCodeTests {
    /// Detail, statuses in the forms of a page, JSON and gRPC, and what a gRPC client is told.
    private static let cases: [(detail: ResponseCodeDetail, status: Int, grpc: String)] = [
        (.authorizationDenied, 403, "7"), (.authorizationUnavailable, 503, "14"),
    ]

    @Test func everyDetailHasATest() {
        #expect(Set(ResponseCodeDetail.allCases.filter { $0.entry.source == .authorizer }) == Set(Self.cases.map(\.detail)))
    }

    @Test(arguments: cases.indices, ["page", "json", "grpc"])
    func isRaised(index: Int, form: String) async throws {
        let (detail, status, grpc) = Self.cases[index]
        let fixture = try AuthorizeFixture()
        let token = try await fixture.signIn(groups: ["other"])
        fixture.store.isBroken = detail == .authorizationUnavailable
        let headers = ["page": AuthorizeFixture.browser, "json": ["Accept: application/json"], "grpc": ["Content-Type: application/grpc"]]
        let request = try fixture.request(
            route: AuthorizeFixture.route("allow: {and: [{groups: {has: eng}}]}"), headers: [fixture.cookieHeader(token)] + headers[form, default: []]
        )
        let response = try #require(try await fixture.decide(request).response)
        #expect(response.detail == detail.rawValue)
        #expect(response.status == (form == "grpc" ? 200 : status))
        switch form {
        case "grpc": #expect(response.header("grpc-status") == grpc)
        case "json":
            let object = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
            #expect(object["status"] as? String == String(status))
            #expect(object["statusText"] as? String == detail.rawValue)
            #expect(object["requestId"] as? String == request.requestID.description)
        default:
            #expect(response.text.contains("<code>\(detail.rawValue)</code>"))
            #expect(response.text.contains(request.requestID.description))
        }
    }
}
