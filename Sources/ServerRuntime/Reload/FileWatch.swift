/// Decides when changed files are to be read: once they differ from what was loaded and have stopped changing. No clock, no I/O.
struct FileWatch {
    /// Looks with ever new content after which they are read nevertheless.
    static let patience = 20

    private var last: [String: FileState] = [:]
    private var unsettled = 0

    /// `loaded` is what was read at the last load, `seen` what is there now. True when it is time to load again.
    ///
    /// Two looks must see the same: an editor writes a file in parts, and a certificate and its key arrive one after the other.
    mutating func observe(loaded: [String: FileState], seen: [String: FileState]) -> Bool {
        guard loaded.contains(where: { Self.differs($0.value, seen[$0.key]) }) else {
            (last, unsettled) = (seen, 0)
            return false
        }
        unsettled += 1
        let isSettled = unsettled > 1 && last == seen
        last = seen
        guard isSettled || unsettled >= Self.patience else { return false }
        unsettled = 0
        return true
    }

    private static func differs(_ loaded: FileState, _ seen: FileState?) -> Bool {
        guard let seen, loaded != .unwatched else { return false }
        return loaded != seen
    }
}
