import Foundation
import Records
import Testing

@Suite struct SessionTests {
    private func session(expiresAt: Int64 = 100, tokens: ProviderTokens = ProviderTokens()) -> Session {
        Session(id: "s", userID: "u", providerID: "p", issuedAt: 0, expiresAt: expiresAt, tokens: tokens)
    }

    @Test(arguments: [(Int64(0), true), (99, true), (100, false), (101, false), (.max, false)])
    func endsAtItsEnd(now: Int64, valid: Bool) {
        #expect(session().isValid(at: now) == valid)
        #expect(session().recordExpiresAt == 100)
    }

    @Test func endsWithTheAccessTokenWhereNothingRefreshesIt() {
        let tokens = ProviderTokens(accessToken: "t", accessTokenExpiresAt: 50, endsWithAccessToken: true)
        #expect(session(tokens: tokens).isValid(at: 49))
        #expect(!session(tokens: tokens).isValid(at: 50))
        #expect(session(tokens: ProviderTokens(accessToken: "t", accessTokenExpiresAt: 50)).isValid(at: 50))
        #expect(session(tokens: ProviderTokens(accessToken: "t", endsWithAccessToken: true)).isValid(at: 99))
    }
}

@Suite struct RecordTests {
    @Test(arguments: [
        try? Record(Session(id: "1", userID: "u", providerID: "p", issuedAt: 1, expiresAt: 9)), try? Record(UsedToken(id: "1", expiresAt: 9)),
    ])
    func takesTypeIDAndEndFromTheValue(record: Record?) throws {
        let record = try #require(record)
        #expect(["session", "used-token"].contains(record.type))
        #expect(record.id == "1" && record.expiresAt == 9 && record.version == 0 && !record.isDeleted)
    }

    @Test func keysLocalUsersByAddressAndNeverEndsThem() throws {
        let user = LocalUser(subject: "sub", email: "a@example.com", name: "A", groups: ["g"], passwordHash: "h", passwordChangedAt: 5)
        let record = try Record(user)
        #expect(record.type == "local-user" && record.id == "a@example.com" && record.expiresAt == nil)
        #expect(try JSONDecoder().decode(LocalUser.self, from: Data(record.data)) == user)
        #expect(try Record(User(id: "u")).type == "user")
    }

    @Test func writesEqualValuesAsEqualBytes() throws {
        let session = Session(
            id: "1", userID: "u", providerID: "p", issuedAt: 1, expiresAt: 9, claims: ["b": [.integer(1)], "a": [.string("/")], "c": []],
            tokens: ProviderTokens(refreshToken: "r"), deviceCredentials: [.init(typeID: "any", credentialID: "c")])
        #expect(try Record(session).data == Record(session).data)
        #expect(try JSONDecoder().decode(Session.self, from: Data(Record(session).data)) == session)
    }

    @Test func namesWhatCannotBeRead() {
        #expect("\(RecordStoreError.undecodable(type: "session", id: "1"))" == "the stored session 1 cannot be read")
        #expect("\(RecordStoreError.unavailable("why"))" == "the record store is unavailable: why")
        #expect("\(RecordStoreError.closed)" == "the record store is closed")
    }
}

@Suite struct WallClockTests {
    @Test func countsWholeSeconds() {
        let clock = WallClock { 1_999_999_999 }
        #expect(clock.seconds == 1)
        #expect(clock.nanoseconds == 1_999_999_999)
    }

    @Test func startsIn1970() {
        #expect(abs(WallClock.system.seconds - Int64(Date().timeIntervalSince1970)) < 5)
    }
}
