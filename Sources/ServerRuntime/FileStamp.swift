import Foundation

/// Tells whether a path still leads to the same file, unchanged as far as its metadata shows. Symbolic links are followed.
///
/// Made by Foundation and not by `stat(2)`: which module the fields of `struct stat` are imported from differs between debug and release builds.
struct FileStamp: Equatable {
    let device: Int
    let inode: Int
    let size: Int
    let modified: Date
    /// Neither a directory nor a pipe or device.
    let isOrdinary: Bool

    /// Nil where there is nothing, or nothing that may be seen.
    init?(_ path: String) {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else { return nil }
        func number(_ key: FileAttributeKey) -> Int { (attributes[key] as? NSNumber)?.intValue ?? 0 }
        device = number(.systemNumber)
        inode = number(.systemFileNumber)
        size = number(.size)
        modified = attributes[.modificationDate] as? Date ?? .distantPast
        isOrdinary = attributes[.type] as? FileAttributeType == .typeRegular
    }
}
