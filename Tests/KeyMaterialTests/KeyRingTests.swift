import Testing

@testable import KeyMaterial

@Suite struct KeyRingTests {
    private static let vector = "FAkOagABAgMEBQYHCAkKC9p-Gzdh-YdVEOUG0cmTVSNtACk7Yw"
    private let first: RootSecret
    private let second: RootSecret

    init() throws {
        first = try #require(RootSecret(Array(0..<32)))
        second = try #require(RootSecret(Array(100..<132)))
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func takesSecretsOf32BytesOnly(count: Int) {
        #expect(RootSecret(Array(repeating: 1, count: count)) == nil)
    }

    @Test(arguments: KeyPurpose.allCases)
    func opensWhatItSealed(purpose: KeyPurpose) throws {
        let ring = KeyRing(writing: first)
        for plain in [[], [0], Array("a value".utf8), Array(repeating: 7, count: 8000)] as [[UInt8]] {
            let token = try ring.seal(plain, for: purpose, context: "host")
            #expect(ring.open(token, for: purpose, context: "host") == plain)
        }
    }

    @Test func opensForNoOtherPurpose() throws {
        let ring = KeyRing(writing: first)
        for purpose in KeyPurpose.allCases {
            let token = try ring.seal([1, 2, 3], for: purpose)
            for other in KeyPurpose.allCases where other != purpose { #expect(ring.open(token, for: other) == nil) }
        }
    }

    @Test func opensInNoOtherContext() throws {
        let ring = KeyRing(writing: first)
        let token = try ring.seal([1], for: .sessionHandle, context: "a.example")
        for context in ["", "b.example", "a.example ", "A.example"] { #expect(ring.open(token, for: .sessionHandle, context: context) == nil) }
    }

    @Test func opensWithNoOtherSecret() throws {
        let token = try KeyRing(writing: first).seal([1], for: .sessionHandle)
        #expect(KeyRing(writing: second).open(token, for: .sessionHandle) == nil)
    }

    @Test func readsOlderSecretsAndWritesTheNewest() throws {
        let old = KeyRing(writing: first)
        let rotated = KeyRing(writing: second, reading: [first])
        let token = try old.seal([1], for: .callbackTicket)
        #expect(rotated.open(token, for: .callbackTicket) == [1])
        #expect(try old.open(rotated.seal([2], for: .callbackTicket), for: .callbackTicket) == nil)
        #expect(try KeyRing(writing: second).open(rotated.seal([2], for: .callbackTicket), for: .callbackTicket) == [2])
    }

    @Test func noticesAChangeOfEveryBit() throws {
        let ring = KeyRing(writing: first, reading: [second])
        let token = try ring.seal(Array("a value".utf8), for: .sessionHandle)
        let bytes = try #require(Base64URL.decode(token))
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                #expect(ring.open(Base64URL.encode(changed), for: .sessionHandle) == nil)
            }
        }
    }

    @Test func noticesEveryCut() throws {
        let ring = KeyRing(writing: first)
        let token = try ring.seal(Array("a value".utf8), for: .sessionHandle)
        for count in 0..<token.utf8.count {
            #expect(ring.open(String(token.prefix(count)), for: .sessionHandle) == nil)
            #expect(ring.open(String(token.suffix(count)), for: .sessionHandle) == nil)
        }
        #expect(ring.open(token + "A", for: .sessionHandle) == nil)
        #expect(ring.open(token + "AAAA", for: .sessionHandle) == nil)
    }

    @Test func readsNoTokenThatIsTooLong() throws {
        let ring = KeyRing(writing: first)
        let token = try ring.seal(Array(repeating: 0, count: KeyRing.maximumTokenLength), for: .sessionHandle)
        #expect(ring.open(token, for: .sessionHandle) == nil)
    }

    @Test func neverWritesTheSameTokenTwice() throws {
        let ring = KeyRing(writing: first)
        let tokens = try (0..<200).map { _ in try ring.seal([1], for: .sessionHandle) }
        #expect(Set(tokens).count == 200)
    }

    @Test func sealsValuesAsJSON() throws {
        struct Value: Codable, Equatable { var name: String }
        struct Other: Codable { var count: Int }
        let ring = KeyRing(writing: first)
        let token = try ring.seal(json: Value(name: "ä"), for: .formToken, context: "c")
        #expect(ring.open(Value.self, from: token, for: .formToken, context: "c") == Value(name: "ä"))
        #expect(ring.open(Value.self, from: token, for: .formToken) == nil)
        #expect(ring.open(Other.self, from: token, for: .formToken, context: "c") == nil)
    }

    @Test func derivesAnotherKeyForEachPurpose() {
        let ring = KeyRing(writing: first, reading: [second])
        let keys = KeyPurpose.allCases.map { ring.derivedBytes($0) }
        #expect(Set(keys).count == KeyPurpose.allCases.count)
        #expect(keys.allSatisfy { $0.count == 32 })
        #expect(KeyRing(writing: first).derivedBytes(.embeddedClientSecret) == ring.derivedBytes(.embeddedClientSecret))
        #expect(KeyRing(writing: second).derivedBytes(.embeddedClientSecret) != ring.derivedBytes(.embeddedClientSecret))
    }

    /// Computed with another implementation of HKDF and AES-GCM: what is in people's cookies must stay readable by later releases.
    @Test func readsATokenOfTheFirstRelease() {
        let ring = KeyRing(writing: first)
        #expect(ring.open(Self.vector, for: .sessionHandle, context: "app.example.com") == Array("hello".utf8))
    }

    @Test func authenticatesMessagesPerPurpose() {
        let ring = KeyRing(writing: first)
        let code = ring.authenticationCode(for: Array("m".utf8), .formToken)
        #expect(code.count == 32)
        #expect(code == ring.authenticationCode(for: Array("m".utf8), .formToken))
        #expect(code != ring.authenticationCode(for: Array("n".utf8), .formToken))
        #expect(code != ring.authenticationCode(for: Array("m".utf8), .providerSession))
    }
}
