import Routing

/// Which targets answer worse than the others (reference: configuration section 3.8).
enum OutlierRates {
    struct Sample {
        var requests: Int
        var successes: Int

        var rate: Double { 100 * Double(successes) / Double(max(requests, 1)) }
    }

    /// Places of targets whose share of successes is so many standard deviations below the mean of those with enough requests.
    static func belowMean(_ samples: [Sample], _ settings: OutlierDetection) -> [Int] {
        let judged = samples.indices.filter { samples[$0].requests >= max(settings.successRateRequestVolume, 1) }
        guard judged.count >= max(settings.successRateMinimumHosts, 1) else { return [] }
        let rates = judged.map { samples[$0].rate }
        let mean = rates.reduce(0, +) / Double(rates.count)
        let variance = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rates.count)
        let limit = mean - variance.squareRoot() * Double(settings.successRateStdevFactor) / 1000
        return judged.filter { samples[$0].rate < limit }
    }

    /// Places of targets that fail at least `failure_percentage_threshold` per cent of the time.
    static func failing(_ samples: [Sample], _ settings: OutlierDetection) -> [Int] {
        let judged = samples.indices.filter { samples[$0].requests >= max(settings.failurePercentageRequestVolume, 1) }
        guard judged.count >= max(settings.failurePercentageMinimumHosts, 1) else { return [] }
        return judged.filter { 100 - samples[$0].rate >= Double(settings.failurePercentageThreshold) }
    }
}
