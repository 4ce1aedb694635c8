import Observability
import Testing

@Suite struct ResponseCodeDetailTests {
    @Test(arguments: ResponseCodeDetail.allCases)
    func isReadBackWithItsReason(detail: ResponseCodeDetail) {
        #expect(ResponseCodeDetail(detail: detail.rawValue) == detail)
        #expect(ResponseCodeDetail(detail: detail.with(reason: "a reason")) == detail)
        #expect(!detail.with(reason: "a reason").contains(" "))
        #expect(!detail.entry.meaning.isEmpty)
    }

    @Test func namesNothingTwice() {
        let names = ResponseCodeDetail.allCases.map(\.rawValue) + UnraisedResponseCode.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(ResponseCodeDetail(detail: "maintenance_mode") == nil)
    }

    @Test func writesReasonsInTheUsualGrammar() {
        #expect(ResponseCodeDetail.resetBeforeResponse.with(reason: "overflow") == "upstream_reset_before_response_started{overflow}")
        #expect(ResponseCodeDetail.downstreamLocalDisconnect.with(reason: "drain") == "downstream_local_disconnect(drain)")
    }

    @Test func everyFlagBelongsToADetail() {
        let used = Set(ResponseCodeDetail.allCases.flatMap(\.entry.flags))
        #expect(used == Set(ResponseFlag.allCases))
    }
}
