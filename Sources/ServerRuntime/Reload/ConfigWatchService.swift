import ProxyConfig
import ServiceLifecycle

/// Looks at the configuration's files and has them loaded when they change.
///
/// Looking, instead of being told by the kernel, works the same for files that are renamed, written in place, reached through a symbolic link or
/// mounted from elsewhere.
struct ConfigWatchService: Service {
    let installation: Installation
    let reloader: ConfigReloader

    static let interval: Duration = .milliseconds(250)
    /// With very many files the looks themselves would cost something.
    static let manyFiles = 1000

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var probe = FileProbe()
            var watch = FileWatch()
            while !Task.isCancelled {
                let loaded = installation.files.current
                try? await Task.sleep(for: loaded.count > Self.manyFiles ? Self.interval * 4 : Self.interval)
                guard !Task.isCancelled, installation.current.config.settings.runtimeFlags.configHotReload else { continue }
                if watch.observe(loaded: loaded, seen: probe.look(at: loaded.keys)) { await reloader.reload(.fileChange) }
            }
        }
    }
}
