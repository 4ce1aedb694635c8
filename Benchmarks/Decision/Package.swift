// swift-tools-version: 6.2
import PackageDescription

// The cost of one decision, apart from everything around it. `make bench-decision` builds and runs it.
let package = Package(
    name: "postern-decision-bench",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "postern", path: "../..")],
    targets: [
        .executableTarget(
            name: "DecisionBench",
            dependencies: ["PolicyCriteria", "PolicyLanguage", "Diagnostics"].map { .product(name: $0, package: "postern") })
    ],
    swiftLanguageModes: [.v6]
)
