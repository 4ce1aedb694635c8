import Logging
import ServiceLifecycle
import UnixSignals

/// SIGTERM and SIGINT stop the process, a second one at once; SIGHUP reads the configuration again.
struct SignalService: Service {
    let signals: UnixSignalsSequence
    let stop: StopRequest
    let reloader: ConfigReloader
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await signal in signals {
                switch signal {
                case .sighup: await reloader.reload(.hangup)
                default:
                    if stop.request(.signal) {
                        logger.info("stopping", metadata: ["signal": "\(signal)"])
                    } else {
                        logger.info("stopping at once", metadata: ["signal": "\(signal)"])
                        stop.hurry()
                    }
                }
            }
        }
    }
}
