import Foundation
import Testing

/// Runs the command line programs that judge what we make.
enum Tool {
    struct Output {
        var status: Int32
        /// Standard output followed by standard error.
        var text: String
    }

    static func run(_ arguments: String..., input: String = "") async throws -> Output {
        try await run(arguments, input: input)
    }

    static func run(_ arguments: [String], input: String = "") async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try runBlocking(arguments, input: input) })
            }
        }
    }

    private static func runBlocking(_ arguments: [String], input: String) throws -> Output {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let (output, standardInput) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = output
        process.standardInput = standardInput
        try process.run()
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? standardInput.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Output(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
    }

    /// Makes a key and a certificate with openssl; returns both as PEM.
    static func certificate(
        names: [String], key: [String] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], days: String = "30", extra: [String] = []
    ) async throws -> (certificate: String, key: String) {
        try await TemporaryDirectory.with { directory in
            let alternatives = names.map { SubjectAlternative.text($0) }.joined(separator: ",")
            let output = try await run(
                ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=test", "-days", days, "-keyout", "\(directory)/k", "-out", "\(directory)/c"] + key
                    + (names.isEmpty ? [] : ["-addext", "subjectAltName=\(alternatives)"]) + extra)
            try #require(output.status == 0, "\(output.text)")
            return (try text("\(directory)/c"), try text("\(directory)/k"))
        }
    }

    static func text(_ path: String) throws -> String { String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self) }

    private enum SubjectAlternative {
        static func text(_ name: String) -> String {
            name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." } ? "IP:\(name)" : "DNS:\(name)"
        }
    }
}

/// A directory for one test.
enum TemporaryDirectory {
    static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(url.path)
    }
}
