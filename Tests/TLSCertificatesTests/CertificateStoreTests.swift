import Foundation
import Testing

@testable import TLSCertificates

@Suite struct CertificateStoreTests {
    private let now: Int64 = 1_800_000_000

    private func certificate(_ names: [String]) throws -> KeyedCertificate {
        try SelfSignedFallback.make(names: names, now: now)
    }

    @Test(arguments: [
        ("app.example", 1), ("APP.Example", 1), ("app.example.", 1), ("x.example", 2), ("example", 0), ("x.y.example", 0), ("other", 0),
        (".example", 0),
        ("first.example", 0), ("127.0.0.1", 3), ("::1", 3), ("[::1]", 3), ("127.0.0.2", 0), ("", 0), ("api.corp.example", 3), ("é.example", 2),
    ])
    func choosesByServerName(name: String, expected: Int) throws {
        let store = try CertificateStore(
            try [["first.example"], ["app.example"], ["*.example", "app.example"], ["127.0.0.1", "::1", "*.corp.example"]].map(certificate),
            fallback: try certificate([]))
        #expect(store.certificate(forServerName: name).privateKey == store.certificates[expected].privateKey)
        #expect(!store.servesFallback)
    }

    @Test func takesTheFirstForClientsThatNameNoServer() throws {
        let store = try CertificateStore(try [["a.example"], ["b.example"]].map(certificate), fallback: try certificate([]))
        #expect(store.certificate(forServerName: nil).hostNames.contains("a.example"))
        #expect(store.covers("b.example") && !store.covers("c.example"))
    }

    @Test func fallsBackWhereThereIsNone() throws {
        let store = try CertificateStore([], fallback: try certificate(["auth.example"]))
        #expect(store.servesFallback)
        #expect(store.certificate(forServerName: "anything").hostNames == ["*", "auth.example"])
    }
}
