import BrokerStorage
import Decisions
import Foundation
import Logging
import ProxyConfig
import Records
import ServiceLifecycle

/// Writes decisions to the data directory in batches, and forgets old ones. Ends when everything that was decided is written.
struct DecisionArchiveService: Service {
    let installation: Installation
    let logger: Logger

    /// Decisions over the limit, before it is looked after.
    private static let slack = 500

    func run() async throws {
        let queue = installation.parts.decisions
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await write(from: queue)
            } onGracefulShutdown: {
                queue.finish()
            }
        } onCancel: {
            queue.finish()
        }
    }

    private func write(from queue: DecisionQueue) async {
        var recording = DecisionRecording()
        var (written, failing) = (0, false)
        while let batch = await queue.next() {
            let (decisions, policies) = recording.stored(batch.decisions)
            guard let archive = installation.parts.archive else { continue }
            do {
                try await archive.append(decisions: decisions, policies: policies, findings: recording.findings(batch.changes))
                queue.count(stored: decisions.count, dropped: 0)
                written += decisions.count
                if written >= min(Self.slack, max(1, installation.current.config.settings.decisionLogMaxRecords / 10)) {
                    try await installation.trimDecisions()
                    written = 0
                }
                failing = false
            } catch {
                queue.count(stored: 0, dropped: decisions.count)
                if !failing { logger.error("decisions cannot be kept", metadata: ["error": "\(error)"]) }
                failing = true
            }
        }
    }
}

extension Installation {
    /// Forgets decisions that are too old or too many.
    func trimDecisions() async throws {
        let settings = current.config.settings
        try await parts.archive?.trim(
            .init(count: settings.decisionLogMaxRecords, age: settings.decisionLogRetention), now: clock.nanoseconds)
    }
}
