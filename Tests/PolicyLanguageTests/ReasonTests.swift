import Testing

@testable import PolicyLanguage

@Suite struct ReasonTests {
    @Test func everyReasonHasABitOfItsOwn() {
        #expect(Reason.allCases.count <= 64)
        #expect(Set(Reason.allCases.map { ReasonSet($0).rawValue }).count == Reason.allCases.count)
        for (index, reason) in Reason.allCases.enumerated() {
            #expect(ReasonSet(reason).rawValue == 1 << UInt64(index))
            #expect(ReasonSet(reason).reasons == [reason])
        }
    }

    @Test func codesAreSortedAndDashed() {
        let set: ReasonSet = [.userOK, .accept, .claimOK]
        #expect(set.codes == ["accept", "claim-ok", "user-ok"])
        #expect(Reason.allCases.allSatisfy { $0.rawValue.allSatisfy { $0.isLowercase || $0 == "-" } })
    }
}
