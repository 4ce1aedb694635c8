// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The layer table of ARCHITECTURE.md as data. A target may only depend on targets of a strictly lower layer;
// the loop below stops the build when a row breaks the rule.
//
// POSTERN_TARGETS=HTTPWire,PolicyCriteria narrows the package to those targets, what they depend on, and their tests:
// `POSTERN_TARGETS=HTTPWire swift test --scratch-path .build-wire` builds in seconds.

struct Row {
    var layer: Int
    var name: String
    var uses: [String] = []
    var products: [String] = []
    var tests: Bool = true
    var testUses: [String] = []
    var testProducts: [String] = []
    var resources: [String] = []
    /// C libraries of the system, see `systemLibraries`.
    var libraries: [String] = []
}

let rows: [Row] = [
    Row(layer: 0, name: "Diagnostics"),
    Row(layer: 0, name: "KeyMaterial", products: ["Crypto", "CryptoExtras"]),
    Row(layer: 0, name: "Records"),
    Row(layer: 0, name: "HTTPWire"),
    Row(layer: 0, name: "HTTPEndpoints", products: ["HTTPTypes"]),
    Row(layer: 1, name: "Observability", uses: ["HTTPWire"], products: ["Logging"]),
    Row(layer: 1, name: "Sessions", uses: ["HTTPEndpoints", "KeyMaterial", "Records"]),
    Row(layer: 1, name: "PolicyLanguage", uses: ["Diagnostics"], libraries: ["CYAML"]),
    Row(layer: 1, name: "Pages", products: ["Mustache", "Crypto"], resources: ["Assets"]),
    Row(
        layer: 1, name: "TLSCertificates", uses: ["Diagnostics"],
        products: ["X509", "SwiftASN1", "Crypto", "NIOSSL", "NIOCore"], testProducts: ["NIOPosix"]),
    Row(layer: 2, name: "Routing", uses: ["Diagnostics", "HTTPWire", "PolicyLanguage"], libraries: ["CPCRE2"]),
    Row(layer: 2, name: "PolicyCriteria", uses: ["Diagnostics", "PolicyLanguage"], products: ["Crypto", "CryptoExtras"]),
    Row(layer: 2, name: "BrokerStorage", uses: ["Records"], products: ["GRDB"]),
    Row(
        layer: 2, name: "IdentityProviders",
        uses: ["Diagnostics", "KeyMaterial", "Records", "HTTPEndpoints", "Pages", "Sessions"],
        products: ["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL", "HTTPTypes", "Crypto", "CryptoExtras", "Logging"], testProducts: ["NIOPosix"]),
    Row(layer: 3, name: "RouteOptions", uses: ["Diagnostics", "PolicyLanguage", "Routing"]),
    Row(
        layer: 3, name: "LocalReplies", uses: ["HTTPWire", "Observability", "Pages", "Routing"],
        testUses: ["HTTPEndpoints", "KeyMaterial", "Sessions"]),
    Row(
        layer: 3, name: "Decisions",
        uses: ["Diagnostics", "KeyMaterial", "Records", "Observability", "PolicyLanguage", "PolicyCriteria", "Routing"],
        testUses: ["HTTPWire", "BrokerStorage"]),
    Row(
        layer: 3, name: "VerifyApplication", uses: ["IdentityProviders", "Pages"], products: ["NIOCore", "NIOHTTP1", "NIOPosix", "JWTKit"]),
    Row(
        layer: 4, name: "ProxyConfig",
        uses: ["Diagnostics", "KeyMaterial", "HTTPWire", "Observability", "PolicyLanguage", "PolicyCriteria", "Routing", "RouteOptions"]),
    Row(
        layer: 5, name: "ConfigLints",
        uses: ["Diagnostics", "PolicyLanguage", "TLSCertificates", "Routing", "RouteOptions", "ProxyConfig"]),
    Row(
        layer: 5, name: "Authorize",
        uses: [
            "KeyMaterial", "Records", "Sessions", "HTTPWire", "HTTPEndpoints", "Observability", "PolicyLanguage", "Pages",
            "LocalReplies", "Routing", "Decisions",
        ], products: ["HTTPTypes"], testUses: ["BrokerStorage", "Diagnostics", "PolicyCriteria"], testProducts: ["Crypto"]),
    Row(
        layer: 5, name: "Authenticate",
        uses: [
            "Diagnostics", "KeyMaterial", "Records", "Sessions", "HTTPEndpoints", "Observability", "Pages", "IdentityProviders",
        ], products: ["HTTPTypes", "Crypto", "Logging"]),
    Row(
        layer: 5, name: "DataPlane",
        uses: ["HTTPWire", "HTTPEndpoints", "Observability", "PolicyLanguage", "Routing", "Pages", "LocalReplies"],
        products: ["NIOCore", "NIOPosix", "NIOSSL", "NIOTLS", "NIOHTTP2", "NIOHPACK", "HTTPTypes", "Logging", "NIOConcurrencyHelpers"],
        testProducts: ["NIOEmbedded"]),
    Row(
        layer: 6, name: "ServerRuntime",
        uses: [
            "Diagnostics", "KeyMaterial", "Records", "Sessions", "HTTPWire", "HTTPEndpoints", "Observability", "PolicyLanguage", "Pages",
            "TLSCertificates", "Routing", "LocalReplies", "BrokerStorage", "IdentityProviders", "ProxyConfig", "Authorize", "Authenticate",
            "DataPlane", "VerifyApplication", "Decisions",
        ],
        products: ["NIOCore", "NIOPosix", "NIOSSL", "HTTPTypes", "Logging", "ServiceLifecycle", "UnixSignals"], libraries: ["CAllocator"]),
]

let packages: [(products: [String], url: String, dependency: Package.Dependency)] = [
    (["Crypto", "CryptoExtras"], "swift-crypto", .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")),
    (["JWTKit"], "jwt-kit", .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1")),
    (["HTTPTypes"], "swift-http-types", .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0")),
    (["Logging"], "swift-log", .package(url: "https://github.com/apple/swift-log", from: "1.16.2")),
    (["Mustache"], "swift-mustache", .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1")),
    (["X509"], "swift-certificates", .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1")),
    (["SwiftASN1"], "swift-asn1", .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4")),
    (["NIOSSL"], "swift-nio-ssl", .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6")),
    (
        ["NIOCore", "NIOPosix", "NIOTLS", "NIOHTTP1", "NIOFoundationCompat", "NIOConcurrencyHelpers", "NIOEmbedded"], "swift-nio",
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2")
    ),
    (["NIOHTTP2", "NIOHPACK"], "swift-nio-http2", .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0")),
    (["GRDB"], "GRDB.swift", .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")),
    (["AsyncHTTPClient"], "async-http-client", .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0")),
    (
        ["ServiceLifecycle", "UnixSignals"], "swift-service-lifecycle",
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0")
    ),
    (["ArgumentParser"], "swift-argument-parser", .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")),
]

let systemLibraries: [Target] = [
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CAllocator"),
]

let packageDirectory = Context.packageDirectory

let exists = { (path: String) in FileManager.default.fileExists(atPath: "\(packageDirectory)/\(path)") }

let byName = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
for row in rows {
    for used in row.uses {
        guard let target = byName[used] else { fatalError("\(row.name) uses the unknown target \(used)") }
        guard target.layer < row.layer else {
            fatalError("layer rule: \(row.name) (layer \(row.layer)) must not use \(used) (layer \(target.layer))")
        }
    }
}

let wanted: Set<String>? = Context.environment["POSTERN_TARGETS"].map { value in
    var open = value.split(separator: ",").map(String.init)
    var closure: Set<String> = []
    while let name = open.popLast() {
        guard let row = byName[name], closure.insert(name).inserted else { continue }
        open += row.uses
        open += row.testUses
    }
    return closure
}

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let productDependency = { (product: String) -> Target.Dependency in
    guard let package = packages.first(where: { $0.products.contains(product) }) else { fatalError("no package has the product \(product)") }
    return .product(name: product, package: package.url)
}

let selected = rows.filter { wanted?.contains($0.name) ?? true }
var usedProducts: Set<String> = []
var targets: [Target] = []

for row in selected {
    usedProducts.formUnion(row.products)
    targets.append(
        .target(
            name: row.name,
            dependencies: (row.uses + row.libraries).map { .target(name: $0) } + row.products.map(productDependency),
            resources: row.resources.map { .embedInCode($0) },
            swiftSettings: settings))
    if row.tests, exists("Tests/\(row.name)Tests") {
        usedProducts.formUnion(row.testProducts)
        targets.append(
            .testTarget(
                name: "\(row.name)Tests",
                dependencies: ([row.name] + row.uses + row.testUses).map { .target(name: $0) }
                    + Array(Set(row.products + row.testProducts)).sorted().map(productDependency),
                swiftSettings: settings))
    }
}

var products: [Product] = []
if wanted == nil {
    usedProducts.insert("ArgumentParser")
    targets.append(
        .executableTarget(
            name: "postern",
            dependencies: rows.map { .target(name: $0.name) } + [productDependency("ArgumentParser"), productDependency("Logging")],
            swiftSettings: settings))
    products.append(.executable(name: "postern", targets: ["postern"]))
}

let package = Package(
    name: "postern",
    platforms: [.macOS(.v15)],
    products: products + selected.map { .library(name: $0.name, targets: [$0.name]) },
    dependencies: packages.filter { !usedProducts.isDisjoint(with: $0.products) }.map(\.dependency),
    targets: targets + systemLibraries.filter { library in selected.contains { $0.libraries.contains(library.name) } },
    swiftLanguageModes: [.v6]
)
