import Foundation
import ProxyConfig
import Synchronization

/// What a file held when it was looked at.
enum FileState: Sendable, Hashable {
    case unreadable
    /// A digest of the text.
    case text(Int)
    /// No ordinary file, such as a pipe: reading it again would give something else.
    case unwatched
}

/// The files that the last load read, or tried to, with what they held: what the watch compares the disk with.
///
/// Recording what was read, and not what is there afterwards, leaves no moment in which a change could be missed; and a file that was missing
/// is watched too, so that a load that failed for want of it is tried again once it is there.
final class LoadedFiles: Sendable {
    private let states = Mutex<[String: FileState]>([:])

    /// By path, as the configuration names them.
    var current: [String: FileState] { states.withLock { $0 } }

    /// Reads for one load; ``current`` is what was read when `body` returns.
    func record<Result>(_ body: (@escaping @Sendable (String) throws -> String) throws -> Result) rethrows -> Result {
        let seen = Seen()
        defer { states.withLock { $0 = seen.states.withLock { $0 } } }
        return try body { try seen.read($0) }
    }

    private final class Seen: Sendable {
        let states = Mutex<[String: FileState]>([:])

        func read(_ path: String) throws -> String {
            do {
                let text = try ConfigLoader.readLocalFile(path)
                states.withLock { $0[path] = FileProbe.isOrdinary(path) ? FileState.text(FileProbe.digest(text)) : .unwatched }
                return text
            } catch {
                states.withLock { $0[path] = .unreadable }
                throw error
            }
        }
    }
}

/// Looks at files, and reads those whose size, times or place on the disk have changed. Symbolic links are followed at every look.
struct FileProbe {
    /// Every so many looks the content is read whatever the file system says: some do not tell changes made elsewhere.
    static let fullLookEvery = 40

    private var known: [String: (stamp: FileStamp, state: FileState)] = [:]
    private var looks = 0

    mutating func look(at paths: some Sequence<String>) -> [String: FileState] {
        looks &+= 1
        let isFull = looks % Self.fullLookEvery == 0
        var seen: [String: FileState] = [:]
        var next: [String: (stamp: FileStamp, state: FileState)] = [:]
        for path in paths {
            guard let stamp = FileStamp(path) else {
                seen[path] = .unreadable
                continue
            }
            var state = FileState.unwatched
            if stamp.isOrdinary {
                if !isFull, let known = known[path], known.stamp == stamp {
                    state = known.state
                } else {
                    state = (try? ConfigLoader.readLocalFile(path)).map { .text(Self.digest($0)) } ?? .unreadable
                }
            }
            seen[path] = state
            next[path] = (stamp, state)
        }
        known = next
        return seen
    }

    /// Of this process alone: Swift's hash has a new seed with every start.
    static func digest(_ text: String) -> Int {
        var hasher = Hasher()
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return hasher.finalize()
    }

    static func isOrdinary(_ path: String) -> Bool { FileStamp(path)?.isOrdinary ?? false }
}
