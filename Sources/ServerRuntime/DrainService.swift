import DataPlane
import Logging
import Observability
import ProxyConfig
import ServiceLifecycle

/// Keeps the listeners open until the process is to stop. Then readiness goes first, the listeners next, and running requests get their time.
struct DrainService: Service {
    let installation: Installation
    let listeners: ListenerSet
    let server: ProxyServer
    let stop: StopRequest
    let control: ControlSocket
    let notifier: ServiceManagerNotifier

    func run() async throws {
        try? await gracefulShutdown()
        let settings = installation.current.config.settings
        let isTakenOver = stop.reason == .takenOver
        // A process that took over tells the service manager about itself.
        if !isTakenOver { notifier.stopping() }
        installation.health.report("proxy.service", .terminating)
        if !isTakenOver { await pause(.nanoseconds(settings.shutdownDelay)) }
        control.close()
        server.beginDrain()
        await listeners.close(keepsProbes: !isTakenOver)
        installation.logger.info(
            "draining", metadata: ["connections": "\(server.connectionCount)", "seconds": "\(settings.shutdownDrainTimeout / 1_000_000_000)"])
        await server.finishDrain(within: .nanoseconds(settings.shutdownDrainTimeout))
        await listeners.close(keepsProbes: false)
    }

    /// Cut short by a second signal.
    private func pause(_ duration: Duration) async {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, !server.isHurried { try? await Task.sleep(for: min(.milliseconds(20), end - .now)) }
    }
}
