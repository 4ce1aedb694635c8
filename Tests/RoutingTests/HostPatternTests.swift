import Testing

@testable import Routing

@Suite struct HostPatternTests {
    @Test(arguments: [
        ("app.example.com", "app.example.com", true), ("App.Example.Com.", "app.example.com", true), ("app.example.com", "xapp.example.com", false),
        ("*.example.com", "a.example.com", true), ("*.example.com", "a.b.example.com", true), ("*.example.com", ".example.com", true),
        ("*.example.com", "example.com", false), ("*-dev.example.com", "x-dev.example.com", true), ("*-dev.example.com", "-dev.example.com", true),
        ("a*b*c", "abc", true), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false), ("*", "", true), ("*", "anything", true),
        ("*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false), ("[::1]", "[::1]", true),
    ])
    func comparesHosts(pattern: String, host: String, matches: Bool) {
        let result = Array(host.utf8).withUnsafeBytes { HostPattern(host: pattern, port: nil).matches(host: $0, port: 443) }
        #expect(result == matches)
    }

    @Test(arguments: [(nil, nil, true), (nil, 8443, true), (8443, 8443, true), (8443, nil, false), (8443, 443, false)] as [(UInt16?, UInt16?, Bool)])
    func comparesPortsWhereOneIsWritten(wanted: UInt16?, seen: UInt16?, matches: Bool) {
        let result = Array("a".utf8).withUnsafeBytes { HostPattern(host: "a", port: wanted).matches(host: $0, port: seen) }
        #expect(result == matches)
    }

    @Test(arguments: [
        ("*.example.com", "*.dev.example.com", true), ("*.dev.example.com", "*.example.com", false), ("*", "*.example.com", true),
        ("*.example.com", "a.example.com", true), ("a*", "*a", false), ("*.example.com", "*.example.com", true),
    ])
    func knowsWhichPatternIsTheWiderOne(wide: String, narrow: String, covers: Bool) {
        #expect(HostPattern(host: wide, port: nil).covers(HostPattern(host: narrow, port: nil)) == covers)
    }
}
