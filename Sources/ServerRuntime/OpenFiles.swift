import Foundation

/// How many files the process may have open; every connection is one (getrlimit(2)).
enum OpenFiles {
    /// For the store, the listeners, the log and what else is not a connection.
    private static let reserve: UInt64 = 200

    /// Nil where the system does not tell.
    static var limit: UInt64? {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? UInt64(limit.rlim_cur) : nil
    }

    /// Takes as many as may be had without asking anybody: the soft limit is often 1024 for the sake of programs that use select(2).
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
    }

    /// Connections of clients that there is room for: each may need one to an application.
    static var roomForClients: Int { room(limit: limit) }

    static func room(limit: UInt64?) -> Int {
        guard let limit else { return .max }
        return max(16, Int(clamping: (max(limit, reserve) - reserve) / 2))
    }

    #if canImport(Glibc)
        private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
    #else
        private static var resource: Int32 { RLIMIT_NOFILE }
    #endif
}
