import Foundation

/// How much memory there is for the process: what its container (cgroup) or the machine has, whichever is less.
struct MemoryRoom: Sendable, Equatable {
    enum Source: String, Sendable {
        case container = "cgroup"
        case machine
    }

    var bytes: Int64
    var source: Source

    /// Nil where the system tells neither. `readFile` gives the content of a file, or nil.
    static func measure(machine: Int64? = machineBytes, readFile: (String) -> String? = Self.read) -> MemoryRoom? {
        let container = ContainerLimit(readFile: readFile).bytes
        switch (container, machine) {
        case (let container?, let machine?):
            return container < machine ? Self(bytes: container, source: .container) : Self(bytes: machine, source: .machine)
        case (let container?, nil): return Self(bytes: container, source: .container)
        case (nil, let machine?): return Self(bytes: machine, source: .machine)
        case (nil, nil): return nil
        }
    }

    static var machineBytes: Int64? {
        let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && size > 0 ? Int64(pages).multipliedReportingOverflow(by: Int64(size)).partialValue : nil
    }

    static let read: @Sendable (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }
}

/// The least of the memory limits of the process's control group and of the groups above it, of version 2 and of version 1
/// (cgroup-v2.rst and cgroup-v1/memory.rst of Linux).
struct ContainerLimit {
    /// Nil: none is set, or none can be seen.
    let bytes: Int64?

    /// Files with limits in one group. Above `memory.high` a process is slowed down until it stands still, which is no place to be either.
    private static let files = (two: ["memory.max", "memory.high"], one: ["memory.limit_in_bytes"])

    init(readFile: (String) -> String?) {
        let (groups, mounts) = (readFile("/proc/self/cgroup") ?? "", readFile("/proc/self/mountinfo") ?? "")
        var least: Int64?
        for mount in mounts.split(separator: "\n").compactMap(Mount.init) {
            guard let group = Self.group(in: groups, isVersion2: mount.isVersion2) else { continue }
            for directory in mount.directories(of: group) {
                for name in mount.isVersion2 ? Self.files.two : Self.files.one {
                    // `max` is no number, and version 1 writes a number beyond every machine for no limit.
                    guard let text = readFile("\(directory)/\(name)"), let bytes = Int64(text.filter { !$0.isWhitespace }), bytes > 0 else {
                        continue
                    }
                    least = min(least ?? bytes, bytes)
                }
            }
        }
        bytes = least
    }

    /// Of lines `hierarchy:controllers:path`, the path where memory is accounted.
    private static func group(in text: String, isVersion2: Bool) -> Substring? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if isVersion2 ? parts[0] == "0" && parts[1].isEmpty : parts[1].split(separator: ",").contains("memory") { return parts[2] }
        }
        return nil
    }

    /// A line of mountinfo (proc_pid_mountinfo(5)) about a tree of control groups that limits memory.
    private struct Mount {
        var isVersion2: Bool
        /// The group that is seen at ``path``.
        var root: Substring
        var path: Substring

        init?(_ line: Substring) {
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            let (before, after) = (halves[0].split(separator: " "), halves[1].split(separator: " "))
            guard before.count >= 5, let type = after.first else { return nil }
            switch type {
            case "cgroup2": isVersion2 = true
            case "cgroup" where after.last?.split(separator: ",").contains("memory") == true: isVersion2 = false
            default: return nil
            }
            (root, path) = (before[3], before[4])
        }

        /// That of the group, and those above it as far as they can be seen.
        func directories(of group: Substring) -> [String] {
            var names = group.split(separator: "/")
            let top = root.split(separator: "/")
            // In a container the group may be named as the host sees it while only its own directory is there.
            if names.starts(with: top) { names.removeFirst(top.count) } else { names = [] }
            if names.contains("..") { names = [] }
            var found: [String] = []
            while true {
                found.append(([String(path)] + names.map(String.init)).joined(separator: "/"))
                guard !names.isEmpty else { return found }
                names.removeLast()
            }
        }
    }
}
