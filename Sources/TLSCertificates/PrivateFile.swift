import Foundation

/// Small files that hold secrets.
enum PrivateFile {
    struct Failure: Error, CustomStringConvertible {
        var description: String

        init(_ description: String) { self.description = description }
        init(errno number: Int32) { description = String(cString: strerror(number)).lowercased() }

        static let missing = Failure(errno: ENOENT).description
    }

    /// Refuses what is no regular file, so that a pipe cannot make the caller wait.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { _ = close(descriptor) }
        // What the descriptor leads to, so that nobody can put another file in its place in between.
        let target = URL(fileURLWithPath: "/proc/self/fd/\(descriptor)").resolvingSymlinksInPath().path
        let type = try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
        guard type == .typeRegular else { throw Failure("not a regular file") }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var chunk = [UInt8](repeating: 0, count: 64 * 1024)
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(errno: errno)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw Failure("longer than \(limit) bytes")
    }

    /// Replaces the file as a whole, readable by its owner alone unless `mode` says otherwise: readers see the old or the new text.
    static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        let temporary = "\(path).\(UInt64.random(in: .min ... .max)).new"
        let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        do {
            defer { _ = close(descriptor) }
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw Failure(errno: errno)
                }
                rest = rest.dropFirst(count)
            }
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw Failure(errno: errno) }
            guard rename(temporary, path) == 0 else { throw Failure(errno: errno) }
        } catch {
            _ = unlink(temporary)
            throw error
        }
    }

    /// Makes the directory (0700) where it is missing and runs `body` while no other process does the same there.
    static func locking<Result>(_ directory: String, _ body: () throws -> Result) throws -> Result {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(errno: errno)
        }
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { _ = close(descriptor) }
        // Where a file system has no locks, two first starts at the same moment may race; the pair is checked when it is loaded.
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        return try body()
    }
}
