import HTTPWire
import Testing

@Suite struct FieldFilterTests {
    @Test(arguments: [
        ("Impersonate-Extra-Scopes", true), ("impersonate_extra.reason", true), ("IMPERSONATE-EXTRA-", true), ("Impersonate-Extra", false),
        ("x-impersonate-extra-a", false), ("if-match", false),
    ])
    func dropsAttributesThatVisitorsGiveThemselves(name: String, isDropped: Bool) {
        #expect(FieldFilter().contains(ByteView(name)) == isDropped)
    }

    static func forwarded(_ fields: String, dropping names: [String] = [], keepsUnderscoreNames: Bool = true) throws -> String {
        let head = try RequestHead.parse(Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8))
        var builder = HeadBuilder()
        builder.copyFields(from: head, except: FieldFilter(dropping: names + ["host"], keepsUnderscoreNames: keepsUnderscoreNames))
        return String(decoding: builder.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic x",
        "Proxy-Authenticate: Basic", "TE: gzip", "TE: trailers, gzip", "Trailer: X", "Upgrade: h2c", "HTTP2-Settings: x",
        "transfer_encoding: chunked", "Content_Length: 4", "proxy.authorization: x",
        "X-Pomerium-Jwt-Assertion: x", "x_pomerium_jwt_assertion: x", "X-POMERIUM.Claim-Email: x", "X-Pomerium_Anything: x",
    ]) func neverForwards(_ line: String) throws {
        #expect(try Self.forwarded("\(line)\r\nX-Kept: 1\r\n") == "X-Kept: 1\r\n")
    }

    @Test(arguments: ["TE: trailers", "X-Pomeriumx: 1", "X-Pomerium: 1", "Cookie: a=b", "Sec-WebSocket-Key: x", "Accept: */*", "a_b: 1"])
    func forwards(_ line: String) throws {
        #expect(try Self.forwarded("\(line)\r\n") == "\(line)\r\n")
    }

    @Test(arguments: ["x-forwarded-for", "X-Forwarded-For", "X_FORWARDED_FOR", "x-forwarded_for", "X.Forwarded~For"])
    func dropsEverySpellingOfAGivenName(_ spelling: String) throws {
        for given in ["X-Forwarded-For", "x_forwarded_for"] {
            #expect(try Self.forwarded("\(spelling): 1\r\nB: 2\r\n", dropping: [given]) == "B: 2\r\n")
        }
    }

    @Test func dropsWhatTheSenderNominates() throws {
        #expect(try Self.forwarded("Connection: close, X-Hop ,x-other\r\nX-Hop: 1\r\nX-OTHER: 2\r\nX-Stay: 3\r\n") == "X-Stay: 3\r\n")
    }

    @Test(arguments: ["Authorization", "Cookie", "X-Forwarded-For", "X-Forwarded-Proto", "Content-Type", "Origin", "Forwarded", "X-Request-Id"])
    func doesNotLetTheSenderNominate(_ name: String) throws {
        #expect(try Self.forwarded("Connection: \(name), close\r\n\(name): x\r\n") == "\(name): x\r\n")
    }

    @Test func nominatingAManagedNameRescuesNothing() throws {
        let fields = "Connection: x-pomerium-jwt-assertion, host, content-length\r\nX-Pomerium-Jwt-Assertion: x\r\nX-A: 1\r\n"
        #expect(try Self.forwarded(fields) == "X-A: 1\r\n")
    }

    @Test func dropsNamesWithUnderscoreWhereASettingSaysSo() throws {
        #expect(try Self.forwarded("a_b: 1\r\nA-B: 2\r\n", keepsUnderscoreNames: false) == "A-B: 2\r\n")
    }

    @Test func writesUnusualLinesTheUsualWay() throws {
        let fields = "A:1\r\nB: 2\r\nC:  3\r\nD: 4 \r\nE: 5\r\nF:\r\nG: \r\nH: 6\r\n"
        #expect(try Self.forwarded(fields) == "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: \r\nG: \r\nH: 6\r\n")
    }

    @Test func findsEachOfManyNames() {
        let names = (0..<500).map { "X-Name-\($0)" }
        let filter = FieldFilter(dropping: names)
        for name in names { #expect(filter.contains(ByteView(name.lowercased()))) }
        #expect(!filter.contains(ByteView("x-name-500")))
        #expect(!filter.contains(.empty))
    }
}
