import HTTPWire
import Routing
import Synchronization

/// The destinations of one route on one event loop, chosen by the route's policy among those that are healthy.
final class RouteUpstreams {
    final class Target {
        let target: UpstreamTarget
        /// The default Host field; empty for a target without a name.
        let authority: ByteView
        private let pool: Result<UpstreamPool, UpstreamFault>
        /// For requests that need HTTP/2 where the target may speak either.
        private let sharingPool: Result<UpstreamPool, UpstreamFault>?

        init(
            target: UpstreamTarget, authority: ByteView, pool: Result<UpstreamPool, UpstreamFault>,
            sharingPool: Result<UpstreamPool, UpstreamFault>? = nil
        ) {
            self.target = target
            self.authority = authority
            self.pool = pool
            self.sharingPool = sharingPool
        }

        func pool(needsHTTP2: Bool) -> Result<UpstreamPool, UpstreamFault> { needsHTTP2 ? sharingPool ?? pool : pool }
    }

    /// Kept so that its identity is not given to another object.
    let route: CompiledRoute
    let targets: [Target]
    let shared: RouteTargets
    /// The route's own filter drops everything that is written anew; otherwise the fields are copied one by one.
    let filterIsComplete: Bool
    /// Fields of ours that the route removes or sets itself.
    let suppressed: UpstreamRequestHead.OwnFields
    private var epoch: UInt64
    private var view: TargetView
    private var turns: WeightedRoundRobin
    private var random: RandomSource

    init(targets: [Target], shared: RouteTargets, random: RandomSource = RandomSource()) {
        route = shared.route
        self.targets = targets
        self.shared = shared
        self.random = random
        filterIsComplete = UpstreamRequestHead.isComplete(route.requestHeaders.filter)
        suppressed = UpstreamRequestHead.OwnFields(route.definition.removeRequestHeaders + route.requestHeaders.set.map(\.name))
        epoch = shared.epoch.value
        view = shared.view()
        turns = WeightedRoundRobin(weights: view.weights)
    }

    /// The place of a target for a request whose key has this hash, or nil where none may be used or all that may were tried.
    func choose(hash: UInt64, avoiding tried: TriedTargets) -> Int? {
        if shared.epoch.value != epoch { refresh() }
        let eligible = view.eligible
        guard let choice = pick(hash), choice < eligible.count else { return nil }
        if !tried.contains(eligible[choice]) { return eligible[choice] }
        for step in 1..<max(eligible.count, 1) {
            let other = eligible[(choice + step) % eligible.count]
            if !tried.contains(other) { return other }
        }
        return nil
    }

    private func pick(_ hash: UInt64) -> Int? {
        switch view.choice {
        case .turns: turns.next()
        case .draw(let draw): draw.draw(&random)
        case .leastRequest(let balancer):
            balancer.choose(&random) { shared.health[view.eligible[$0]].active.load(ordering: .relaxed) }
        case .ring(let ring): ring.owner(of: hash)
        case .maglev(let table): table.owner(of: hash)
        }
    }

    private func refresh() {
        epoch = shared.epoch.value
        let current = shared.view()
        guard current !== view else { return }
        view = current
        turns = WeightedRoundRobin(weights: current.weights)
    }
}
