import HTTPWire
import Testing

@Suite struct PathNormalizerTests {
    static func outcome(_ path: String, _ normalizer: PathNormalizer = PathNormalizer()) -> String {
        switch normalizer.normalize(ByteView(path)) {
        case .unchanged: "unchanged"
        case .rewritten(let bytes): String(decoding: bytes, as: UTF8.self)
        case .redirect(let bytes): "redirect " + String(decoding: bytes, as: UTF8.self)
        case .rejected: "rejected"
        }
    }

    @Test(arguments: [
        "/", "/a", "/a/", "/a/b.c", "/.well-known/x", "/.pomerium/", "/a/...", "/a/..b", "/a%20b", "/%C3%A9", "/a;b=c", "/~user", "*", "", "/a%25",
    ]) func leavesNormalPathsAlone(_ path: String) {
        #expect(Self.outcome(path) == "unchanged")
    }

    @Test(arguments: [
        ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/a/b/..", "/a/"), ("/a/.", "/a/"), ("/./", "/"), ("/.", "/"), ("/a/..", "/"),
        ("/%2e%2E/a", "rejected"), ("/a/%2e%2e/b", "/b"), ("/a/.%2e/b", "/b"), ("/a/%2E/b", "/a/b"), ("/%7Euser", "/~user"), ("/%61", "/a"),
        ("/%c3%a9", "/%C3%A9"), ("//a", "/a"), ("/a//b///c", "/a/b/c"), ("/a//", "/a/"), ("/a//../b", "/a/b"), ("/%252e", "/%252e"),
    ]) func bringsPathsIntoNormalForm(_ path: String, _ expected: String) {
        #expect(Self.outcome(path) == (path == expected ? "unchanged" : expected))
    }

    @Test(arguments: [
        "/..", "/../a", "/a/../..", "/a/../../b", "/%", "/%4", "/%zz", "/%4g", "/a%00", "/a%2fb", "/a%2Fb", "/a%5cb", "/a%5Cb", "/a\\b", "/..;/a",
        "/a/..;x=y/b", "/.;/a", "/%2e%2e;/a", "/..%2fa",
    ]) func rejects(_ path: String) {
        #expect(Self.outcome(path) == "rejected")
    }

    @Test(arguments: [
        ("/a%2fb", "/a%2Fb"), ("/a%2Fb", "unchanged"), ("/a%5cb", "/a%5Cb"), ("/a\\b", "unchanged"), ("/a%2f%2fb", "/a%2F%2Fb"),
        ("/a/..%2fb", "rejected"), ("/a/b%2F..", "rejected"), ("/a/..\\b", "rejected"), ("/a/%2e%2e%5Cb", "rejected"),
    ]) func keepsEscapedSlashes(_ path: String, _ expected: String) {
        #expect(Self.outcome(path, PathNormalizer(escapedSlashes: .keepUnchanged)) == expected)
    }

    @Test(arguments: [
        ("/a%2fb", "/a/b"), ("/a%5cb", "/a/b"), ("/a\\b", "/a/b"), ("/a%2f%2fb", "/a/b"), ("/a%2f..%2fb", "/b"), ("/%2f..%2f..", "rejected"),
    ]) func unescapesSlashes(_ path: String, _ expected: String) {
        #expect(Self.outcome(path, PathNormalizer(escapedSlashes: .unescapeAndForward)) == expected)
        let redirect = expected == "rejected" ? expected : "redirect " + expected
        #expect(Self.outcome(path, PathNormalizer(escapedSlashes: .unescapeAndRedirect)) == redirect)
    }

    @Test func redirectsOnlyForSlashes() {
        #expect(Self.outcome("/a/../b", PathNormalizer(escapedSlashes: .unescapeAndRedirect)) == "/b")
    }

    @Test(arguments: ["/%2Fevil.example/x", "/%5Cevil.example/x", "/\\evil.example/x", "//%2Fevil.example/x"])
    func neverRedirectsToAnotherSite(_ path: String) {
        for merges in [true, false] {
            let normalizer = PathNormalizer(mergesSlashes: merges, escapedSlashes: .unescapeAndRedirect)
            #expect(Self.outcome(path, normalizer) == "redirect /evil.example/x")
        }
    }

    @Test(arguments: [
        ("/a/../b", "unchanged"), ("/a//b", "/a/b"), ("/%7e", "unchanged"), ("/%2f", "rejected"), ("/%zz", "rejected"), ("/%00", "rejected"),
    ]) func normalizesOnlyWhatIsAskedFor(_ path: String, _ expected: String) {
        #expect(Self.outcome(path, PathNormalizer(normalizesPath: false)) == expected)
    }

    @Test(arguments: [("/a//b", "unchanged"), ("//a/./b", "//a/b"), ("/a//../b", "/a/b")]) func keepsDoubleSlashes(_ path: String, _ expected: String)
    {
        #expect(Self.outcome(path, PathNormalizer(mergesSlashes: false)) == expected)
    }

    @Test func readsTheSpellingsOfTheConfiguration() {
        let spellings = PathNormalizer.EscapedSlashes.allCases.map(\.rawValue)
        #expect(spellings == ["reject_request", "keep_unchanged", "unescape_and_redirect", "unescape_and_forward"])
    }

    @Test(arguments: [
        ("/a%20b", "/a b"), ("/a+b", "/a+b"), ("/%252e", "/%2e"), ("/%C3%A9", "/é"), ("", ""), ("/%", nil), ("/%4", nil), ("/%zz", nil),
        ("/%FF", nil),
    ]) func decodesOnce(_ path: String, _ expected: String?) {
        let decoded: String? = PercentDecoder.decode(ByteView(path))
        #expect(decoded == expected)
    }
}
