import Foundation
import Synchronization

/// Why a file that the configuration names could not be read, for the operator.
struct FileProblem: Error, CustomStringConvertible {
    var description: String
}

/// Files of this machine.
enum LocalFiles {
    /// Larger files are refused; nothing that a configuration names comes near.
    static let maximumBytes = 16 << 20

    /// The content of a file, a pipe or a descriptor such as `/dev/fd/3`; relative names count from the working directory.
    @Sendable static func read(_ path: String) throws -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw FileProblem(description: "open \(path): no such file or directory")
        }
        guard !isDirectory.boolValue else { throw FileProblem(description: "read \(path): is a directory") }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw FileProblem(description: "open \(path): permission denied") }
        defer { try? handle.close() }
        var data = Data()
        do {
            // A file comes in one piece, which is not copied; a pipe in many.
            while let chunk = try handle.read(upToCount: maximumBytes + 1), !chunk.isEmpty {
                if data.isEmpty { data = chunk } else { data += chunk }
                guard data.count <= maximumBytes else {
                    throw FileProblem(description: "read \(path): larger than \(maximumBytes >> 20) MiB")
                }
            }
        } catch let problem as FileProblem {
            throw problem
        } catch {
            throw FileProblem(description: "read \(path): input/output error")
        }
        guard let text = String(validating: data, as: UTF8.self) else { throw FileProblem(description: "read \(path): not UTF-8 text") }
        return text
    }
}

/// Reads every file once per load and remembers what was in it.
final class FileReads: Sendable {
    private let texts = Mutex<[String: String]>([:])
    private let reader: @Sendable (String) throws -> String

    init(_ reader: @escaping @Sendable (String) throws -> String) {
        self.reader = reader
    }

    func read(_ path: String) throws -> String {
        if let known = texts.withLock({ $0[path] }) { return known }
        let text = try reader(path)
        texts.withLock { $0[path] = text }
        return text
    }

    var count: Int { texts.withLock { $0.count } }

    /// By path.
    var all: [(path: String, text: String)] { texts.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.0 < $1.0 } }
}
