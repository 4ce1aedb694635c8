import Testing

@testable import ServerRuntime

@Suite struct FileWatchTests {
    private let loaded: [String: FileState] = ["config.yaml": .text(1), "key.pem": .text(2)]

    @Test func restsWhileNothingChanges() {
        let watch = Watched()
        for _ in 0..<5 { #expect(!watch.observe(loaded: loaded, seen: loaded)) }
    }

    @Test func waitsUntilTwoLooksSeeTheSame() {
        let watch = Watched()
        let half: [String: FileState] = ["config.yaml": .text(3), "key.pem": .text(2)]
        let whole: [String: FileState] = ["config.yaml": .text(4), "key.pem": .text(2)]
        #expect(!watch.observe(loaded: loaded, seen: loaded))
        #expect(!watch.observe(loaded: loaded, seen: half))
        #expect(!watch.observe(loaded: loaded, seen: whole))
        #expect(watch.observe(loaded: loaded, seen: whole))
    }

    @Test func doesNotTryTheSameContentTwice() {
        let watch = Watched()
        let bad: [String: FileState] = ["config.yaml": .text(9), "key.pem": .text(2)]
        _ = watch.observe(loaded: loaded, seen: bad)
        #expect(watch.observe(loaded: loaded, seen: bad))
        // The load, good or not, has read it: that is what the next looks are compared with.
        for _ in 0..<3 { #expect(!watch.observe(loaded: bad, seen: bad)) }
        _ = watch.observe(loaded: bad, seen: loaded)
        #expect(watch.observe(loaded: bad, seen: loaded))
    }

    @Test func takesAFileThatNeverSettlesInTheEnd() {
        let watch = Watched()
        let answers = (0..<FileWatch.patience).map { watch.observe(loaded: loaded, seen: ["config.yaml": .text(100 + $0), "key.pem": .text(2)]) }
        #expect(answers.last == true)
        #expect(answers.dropLast().allSatisfy { !$0 })
    }

    @Test func seesThatAMissingFileAppears() {
        let watch = Watched()
        let missing: [String: FileState] = ["config.yaml": .text(1), "cert.pem": .unreadable]
        let there: [String: FileState] = ["config.yaml": .text(1), "cert.pem": .text(5)]
        #expect(!watch.observe(loaded: missing, seen: missing))
        #expect(!watch.observe(loaded: missing, seen: there))
        #expect(watch.observe(loaded: missing, seen: there))
    }

    @Test func leavesPipesAlone() {
        let watch = Watched()
        for _ in 0..<3 { #expect(!watch.observe(loaded: ["/dev/fd/3": .unwatched], seen: ["/dev/fd/3": .unreadable])) }
    }

    /// Expectations cannot call what changes a value.
    private final class Watched {
        private var watch = FileWatch()

        func observe(loaded: [String: FileState], seen: [String: FileState]) -> Bool { watch.observe(loaded: loaded, seen: seen) }
    }
}
