// swift-tools-version: 6.2
import PackageDescription

// One executable per fuzz target: a folder under Sources with the C entry point, a line below, a folder of inputs under Corpus.
// What is checked stands in Properties, where the tests of each target compile it too.
//
// Run one from this folder:
// SWIFT_BACKTRACE=enable=no POSTERN_TARGETS=HTTPWire swift run -c release --sanitize fuzzer -Xswiftc -use-ld=lld \
//     FuzzRequestParser -max_total_time=60 Corpus/RequestParser

// Each group has a target of properties, one of entry points, and the products that the properties test; the first of them names the group for
// POSTERN_TARGETS.
let groups: [(name: String, products: [String], fuzzers: [String])] = [
    (
        "HTTPWire", ["HTTPWire"],
        [
            "FuzzRequestParser", "FuzzResponseParser", "FuzzChunked", "FuzzRequestFieldList", "FuzzResponseFieldList", "FuzzPathNormalizer",
            "FuzzCookies", "FuzzProxyProtocol", "FuzzHPACK", "FuzzHTTP2",
        ]
    ),
    ("Policy", ["PolicyCriteria", "PolicyLanguage", "Diagnostics"], ["FuzzPolicy", "FuzzPolicyScalars"]),
    ("Routing", ["Routing", "HTTPWire"], ["FuzzRouteMatch"]),
    ("Config", ["ProxyConfig", "Routing", "Diagnostics"], ["FuzzConfig", "FuzzConfigScalars"]),
    ("Endpoints", ["LocalReplies", "Sessions", "HTTPEndpoints", "KeyMaterial"], ["FuzzEndpointText"]),
]

// Comparing with other parsers needs their packages: POSTERN_FUZZ_PEERS=1 adds those targets.
let withPeers = Context.environment["POSTERN_FUZZ_PEERS"] != nil

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let peers: [Target] = [
    .target(
        name: "HTTPWirePeers",
        dependencies: [.product(name: "HTTPWire", package: "postern")]
            + ["NIOCore", "NIOEmbedded", "NIOHTTP1"].map { .product(name: $0, package: "swift-nio") },
        swiftSettings: settings),
    .executableTarget(name: "FuzzPeerNIOHTTP1", dependencies: ["HTTPWirePeers"]),
]

let wanted = Context.environment["POSTERN_TARGETS"]?.split(separator: ",").map(String.init)
let selected = groups.filter { group in wanted?.contains(group.products[0]) ?? true }

var targets: [Target] = []
for group in selected {
    targets.append(
        .target(
            name: "\(group.name)Properties", dependencies: group.products.map { .product(name: $0, package: "postern") },
            path: "Properties/\(group.name)", swiftSettings: settings))
    targets.append(
        .target(name: "\(group.name)EntryPoints", dependencies: [.target(name: "\(group.name)Properties")], swiftSettings: settings))
    targets += group.fuzzers.map { .executableTarget(name: $0, dependencies: [.target(name: "\(group.name)EntryPoints")]) }
}

let package = Package(
    name: "postern-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "postern", path: "..")]
        + (withPeers ? [.package(url: "https://github.com/apple/swift-nio", from: "2.101.2")] : []),
    targets: targets + (withPeers ? peers : []),
    swiftLanguageModes: [.v6]
)
