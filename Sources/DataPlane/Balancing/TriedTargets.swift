/// The few targets that one request was sent to in vain, without an allocation.
struct TriedTargets {
    static let limit = 3
    private var first = -1
    private var second = -1
    private var third = -1
    private(set) var count = 0

    mutating func insert(_ index: Int) {
        guard !contains(index) else { return }
        switch count {
        case 0: first = index
        case 1: second = index
        default: third = index
        }
        count += 1
    }

    func contains(_ index: Int) -> Bool { index == first || index == second || index == third }
}
