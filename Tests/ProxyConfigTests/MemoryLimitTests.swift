import Diagnostics
import Testing

@testable import ProxyConfig

@Suite struct MemoryLimitTests {
    @Test(
        arguments: [
            ("0", .off), ("0%x", nil), ("0MiB", .off), ("536870912", .bytes(512 << 20)), ("512MiB", .bytes(512 << 20)),
            ("512 mib", .bytes(512 << 20)),
            ("512Mi", .bytes(512 << 20)), ("1.5GiB", .bytes(1536 << 20)), ("2GB", .bytes(2_000_000_000)), ("2G", .bytes(2_000_000_000)),
            ("85%", .share(85)), ("100 %", .share(100)), ("0%", nil), ("101%", nil), ("-1", nil), ("", nil), ("lots", nil), ("512", nil),
            ("1.5", nil),
            ("1..5GiB", nil), ("1.GiB", nil), (".GiB", nil), ("9999999999TiB", nil), ("99999999999999999999999", nil), ("1.5.1GiB", nil),
            ("16MiB", .bytes(16 << 20)), ("15MiB", nil), ("%", nil), ("5e%", nil),
        ] as [(String, MemoryLimit?)])
    func readsSizesAndShares(text: String, limit: MemoryLimit?) {
        #expect((try? MemoryLimit(text)) == limit)
    }

    @Test func tellsWhereAndWhatIsWrong() {
        let error = #expect(throws: DiagnosticError.self) { try SampleConfig.load("log_level: info\nmemory_limit: 512\n") }
        let report = error?.report.rendered() ?? ""
        #expect(report.contains("config.yaml:2:15: error: memory_limit: 512 is less than any process needs, the least is 16MiB [invalid-size]"))
        #expect(report.contains("write a unit, as in 512MiB"))
    }

    @Test func isOnUnlessSwitchedOff() throws {
        #expect(try SampleConfig.load("").settings.memoryLimit == .share(85))
        #expect(try SampleConfig.load("memory_limit: 0\n").settings.memoryLimit == .off)
        #expect(try SampleConfig.load("", environment: ["MEMORY_LIMIT": "1GiB"]).settings.memoryLimit == .bytes(1 << 30))
    }

    @Test func sharesWhatThereIs() {
        #expect(MemoryLimit.share(85).bytes(of: 1 << 30) == 912_680_530)
        #expect(MemoryLimit.share(100).bytes(of: .max) != nil)
        #expect(MemoryLimit.bytes(5).bytes(of: 1) == 5)
        #expect(MemoryLimit.off.bytes(of: 1) == nil)
    }
}
