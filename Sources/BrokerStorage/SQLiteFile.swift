import Foundation
import GRDB
import Records

/// The database file: its place, its permissions, and what its faults mean to an operator.
struct SQLiteFile: Sendable {
    static let name = "postern.sqlite"

    let directory: String
    var name = SQLiteFile.name

    var path: String { directory.hasSuffix("/") ? "\(directory)\(name)" : "\(directory)/\(name)" }

    /// Runs `body` with the file in place, while no other process opens or migrates it.
    func opening<Result>(_ body: () throws -> Result) async throws -> Result {
        // The directory must be there before it can be locked, the file must not be made by two at a time.
        try prepareDirectory()
        return try await whileLocked {
            try prepareFile()
            return try body()
        }
    }

    /// Makes the directory (0700) where it is missing.
    private func prepareDirectory() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw RecordStoreError.unavailable(
                "the data directory \(directory) cannot be made: \(Self.reason(errno)); make it and give it to the user that runs the server")
        }
    }

    /// Makes an empty file (0600) where it is missing, and takes other users' access to it away.
    ///
    /// SQLite gives its -wal and -shm files the permissions of the database file.
    private func prepareFile() throws {
        // Only ever a new file is opened here: closing a descriptor of a file drops the locks that this process holds on it.
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            _ = fchmod(descriptor, 0o600)
            _ = Foundation.close(descriptor)
        } else if errno != EEXIST {
            throw RecordStoreError.unavailable(
                "\(path) cannot be made: \(Self.reason(errno)); give the directory to the user that runs the server")
        } else {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            if let mode = (attributes?[.posixPermissions] as? NSNumber)?.uint32Value, mode & 0o077 != 0 { _ = chmod(path, mode & 0o700) }
        }
    }

    /// The lock is on the directory, so it leaves no file behind.
    private func whileLocked<Result>(_ body: () throws -> Result) async throws -> Result {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw RecordStoreError.unavailable("the data directory \(directory) cannot be read: \(Self.reason(errno))")
        }
        defer { _ = Foundation.close(descriptor) }
        for attempt in 0... {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { break }
            // File systems without locks (some network mounts) fall back on the locks of SQLite.
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            guard attempt < 500 else {
                throw RecordStoreError.unavailable("\(path) is being opened by another process for more than 10 s; end that process")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try body()
    }

    /// The fault with path, cause and way out. Cancellation stays what it is.
    func fault(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else {
            return error is RecordStoreError || error is CancellationError ? error : RecordStoreError.unavailable("\(path): \(error)")
        }
        let (cause, help): (String, String) =
            switch error.resultCode {
            case .SQLITE_FULL: ("its file system or quota is full", "free some space")
            case .SQLITE_READONLY: ("it is read-only for this process", "give the file and its directory to the user that runs the server")
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
                ("it cannot be opened", "check that the file and its directory exist and belong to the user that runs the server")
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                ("another process holds its lock", "end the process that has it open, for example a database shell or a backup")
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                ("it is damaged or no database", "restore it from a backup, or move it away to start with an empty store")
            case .SQLITE_IOERR: ("its disk reports a fault", "check the disk and the system log")
            default: ("the database refuses", "see the cause")
            }
        return RecordStoreError.unavailable("\(path): \(cause) (\(error.message ?? "no detail"), code \(error.extendedResultCode.rawValue)); \(help)")
    }

    private static func reason(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
