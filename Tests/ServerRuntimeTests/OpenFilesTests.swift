import Testing

@testable import ServerRuntime

@Suite struct OpenFilesTests {
    @Test(arguments: [(nil, Int.max), (0, 16), (1024, 412), (20_200, 10_000), (UInt64.max, 9_223_372_036_854_775_707)] as [(UInt64?, Int)])
    func leavesRoomForTheOtherHalf(_ limit: UInt64?, _ room: Int) {
        #expect(OpenFiles.room(limit: limit) == room)
    }
}
