import NIOCore
import Testing

@testable import ServerRuntime

@Suite struct ProcessorCountTests {
    @Test func countsTheBitsOfTheMask() {
        #expect(ProcessorCount.allowed(in: "Name:\tpostern\nCpus_allowed:\t00000000,0000f001\nCpus_allowed_list:\t0,12-15\n") == 5)
        #expect(ProcessorCount.allowed(in: "Cpus_allowed:\t3\n") == 2)
    }

    @Test func sayNothingWithoutAMask() {
        #expect(ProcessorCount.allowed(in: "Name:\tpostern\n") == nil)
        #expect(ProcessorCount.allowed(in: "Cpus_allowed:\tnone\n") == nil)
        #expect(ProcessorCount.allowed(in: "Cpus_allowed:\t00000000\n") == nil)
    }

    @Test func isAtLeastOneAndAtMostWhatTheMachineHas() {
        #expect((1...System.coreCount).contains(ProcessorCount.current))
    }
}
