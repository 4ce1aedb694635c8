import Testing

@testable import ServerRuntime

@Suite struct MemoryRoomTests {
    private static let two = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let one = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"

    private func limit(_ files: [String: String]) -> Int64? { ContainerLimit { files[$0] }.bytes }

    @Test func takesTheLeastOnTheWayUp() {
        var files = [
            "/proc/self/cgroup": "0::/kube/pod1/box\n", "/proc/self/mountinfo": "22 1 0:21 / /proc rw - proc proc rw\n" + Self.two,
            "/sys/fs/cgroup/kube/pod1/box/memory.max": "max\n", "/sys/fs/cgroup/kube/pod1/memory.max": "536870912\n",
            "/sys/fs/cgroup/kube/memory.max": "1073741824\n",
        ]
        #expect(limit(files) == 512 << 20)
        files["/sys/fs/cgroup/kube/pod1/box/memory.max"] = "268435456\n"
        #expect(limit(files) == 256 << 20)
        files["/sys/fs/cgroup/kube/memory.high"] = "134217728\n"
        #expect(limit(files) == 128 << 20)
    }

    @Test func inAContainerItsOwnDirectoryIsTheTop() {
        // With a namespace of its own, and with one that shows the host's name for the group.
        for group in ["/", "/docker/abc", "/../../docker/abc"] {
            let files = ["/proc/self/cgroup": "0::\(group)\n", "/proc/self/mountinfo": Self.two, "/sys/fs/cgroup/memory.max": "1048576000\n"]
            #expect(limit(files) == 1_048_576_000, "\(group)")
        }
        let bound = "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
        let files = [
            "/proc/self/cgroup": "0::/docker/abc/inner\n", "/proc/self/mountinfo": bound, "/sys/fs/cgroup/inner/memory.max": "2000000\n",
            "/sys/fs/cgroup/memory.max": "3000000\n",
        ]
        #expect(limit(files) == 2_000_000)
    }

    @Test func readsVersion1() {
        let groups = "9:name=systemd:/\n4:cpu,memory:/service/a\n0::/\n"
        var files = [
            "/proc/self/cgroup": groups, "/proc/self/mountinfo": Self.two + Self.one,
            "/sys/fs/cgroup/memory/service/a/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        // No limit is a number beyond every machine.
        #expect(MemoryRoom.measure(machine: 8 << 30) { files[$0] } == MemoryRoom(bytes: 8 << 30, source: .machine))
        files["/sys/fs/cgroup/memory/service/memory.limit_in_bytes"] = "1073741824\n"
        #expect(MemoryRoom.measure(machine: 8 << 30) { files[$0] } == MemoryRoom(bytes: 1 << 30, source: .container))
        #expect(MemoryRoom.measure(machine: 1 << 29) { files[$0] } == MemoryRoom(bytes: 1 << 29, source: .machine))
    }

    @Test(
        arguments: [
            [:], ["/proc/self/cgroup": "nonsense"], ["/proc/self/cgroup": "0::/a\n", "/proc/self/mountinfo": "- - -\n1 2 3\n"],
            ["/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": two, "/sys/fs/cgroup/memory.max": "a lot"],
            ["/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": two, "/sys/fs/cgroup/memory.max": "0"],
            ["/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": two, "/sys/fs/cgroup/memory.max": "99999999999999999999"],
        ] as [[String: String]])
    func whatCannotBeReadIsNoLimit(files: [String: String]) {
        #expect(limit(files) == nil)
        #expect(MemoryRoom.measure(machine: nil) { files[$0] } == nil)
    }

    @Test func readsResidentPages() throws {
        func pages(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBytes { ResidentMemory.pages($0) } }
        #expect(pages("159020 24151 8013 1 0 60000 0\n") == 24151)
        #expect(pages("159020 24151") == 24151)
        for text in ["", "159020", "159020 ", "a b", "1 -2 3"] { #expect(pages(text) == nil, "\(text)") }
        let memory = try #require(ResidentMemory())
        let bytes = try #require(memory.read())
        #expect(bytes > 1 << 20)
        #expect(ResidentMemory(path: "/nowhere") == nil)
    }
}
