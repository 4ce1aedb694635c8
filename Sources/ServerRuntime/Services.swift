import Authenticate
import Authorize
import BrokerStorage
import Foundation
import Logging
import Observability
import Records
import ServiceLifecycle

/// Carries revocations from the store to every event loop. A feed that fails is opened again.
struct ChangeFeedService: Service {
    let installation: Installation
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause: Double = 0.1
            while !Task.isCancelled {
                do {
                    try await installation.sessions.followChanges()
                    pause = 0.1
                } catch {
                    logger.error("the change feed of the store failed", metadata: ["error": "\(error)"])
                }
                // What happened while nobody listened is unknown: everything in memory is read anew.
                installation.sessions.apply(.overflow)
                try? await Task.sleep(for: .seconds(pause))
                pause = min(pause * 2, 5)
            }
        }
    }
}

/// Keeps sessions in step with their identity provider.
struct RefreshService: Service {
    let installation: Installation

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await installation.current.refresher.pass()
                try? await Task.sleep(for: SessionRefresher.interval)
            }
        }
    }
}

/// Removes expired records, reports the store's health, and renews the local certificate.
struct HousekeepingService: Service {
    let installation: Installation
    let logger: Logger

    static let interval: Duration = .seconds(30)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await installation.store.checkHealth()
                    try await installation.store.purgeExpired(now: installation.clock.seconds)
                    installation.health.report("storage.backend", .running)
                } catch {
                    installation.health.report("storage.backend", error: "\(error)")
                    logger.error("the record store is out of order", metadata: ["error": "\(error)"])
                }
                do {
                    try await installation.trimDecisions()
                } catch {
                    logger.error("old decisions cannot be removed", metadata: ["error": "\(error)"])
                }
                do {
                    if try installation.current.certificates.renewIfDue(now: installation.clock.seconds) {
                        logger.info("the local certificate was renewed")
                    }
                } catch {
                    logger.error("the local certificate cannot be renewed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
