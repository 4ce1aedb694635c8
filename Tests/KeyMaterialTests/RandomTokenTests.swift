import KeyMaterial
import Testing

@Suite struct RandomTokenTests {
    @Test func isDifferentEveryTime() {
        #expect(Set((0..<1000).map { _ in RandomToken.text() }).count == 1000)
        #expect(RandomToken.text().utf8.count == 22)
        #expect(RandomToken.text(bytes: 32).utf8.count == 43)
        #expect(RandomToken.bytes(5).count == 5)
    }

    @Test(
        arguments: [([], [], true), ([1], [1], true), ([1], [2], false), ([1, 2], [1], false), ([1, 2, 3], [1, 2, 4], false)]
            as [([UInt8], [UInt8], Bool)])
    func comparesWhole(left: [UInt8], right: [UInt8], equal: Bool) {
        #expect(RandomToken.constantTimeEquals(left, right) == equal)
    }

    @Test func digestsWithSHA256() {
        #expect(RandomToken.digest("abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")
    }
}
