import Foundation
import NIOSSL

/// Certificates made with the openssl command line, once per process.
struct TestCertificates: Sendable {
    let directory: String
    /// For `app.test` and 127.0.0.1.
    let valid: NIOSSLCertificate
    /// For `app.test` alone.
    let named: NIOSSLCertificate
    let expired: NIOSSLCertificate
    let key: NIOSSLPrivateKey

    static let shared = Result { try TestCertificates() }

    private init() throws {
        directory = NSTemporaryDirectory() + "certificates-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let names = "subjectAltName=DNS:app.test,IP:127.0.0.1"
        try Self.openssl(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "valid.pem", "-days",
                "2", "-subj", "/CN=test", "-addext", names,
            ], in: directory)
        try Self.openssl(
            [
                "req", "-x509", "-key", "key.pem", "-out", "named.pem", "-days", "2", "-subj", "/CN=named", "-addext",
                "subjectAltName=DNS:app.test",
            ], in: directory)
        try Data().write(to: URL(fileURLWithPath: directory + "/index.txt"))
        try Data("01".utf8).write(to: URL(fileURLWithPath: directory + "/serial"))
        try Data(
            """
            [ca]
            default_ca = d
            [d]
            database = index.txt
            serial = serial
            new_certs_dir = .
            default_md = sha256
            policy = p
            x509_extensions = x
            [p]
            commonName = supplied
            [x]
            \(names)
            """.utf8
        ).write(to: URL(fileURLWithPath: directory + "/ca.cnf"))
        try Self.openssl(["req", "-new", "-key", "key.pem", "-out", "request.pem", "-subj", "/CN=expired"], in: directory)
        try Self.openssl(
            [
                "ca", "-batch", "-config", "ca.cnf", "-selfsign", "-keyfile", "key.pem", "-in", "request.pem", "-out", "expired.pem", "-notext",
                "-startdate", "20200101000000Z", "-enddate", "20210101000000Z",
            ], in: directory)
        valid = try NIOSSLCertificate.fromPEMFile(directory + "/valid.pem")[0]
        named = try NIOSSLCertificate.fromPEMFile(directory + "/named.pem")[0]
        expired = try NIOSSLCertificate.fromPEMFile(directory + "/expired.pem")[0]
        key = try NIOSSLPrivateKey(file: directory + "/key.pem", format: .pem)
    }

    private static func openssl(_ arguments: [String], in directory: String) throws {
        let (status, output) = try run("/usr/bin/openssl", arguments, in: directory)
        guard status == 0 else { throw SocketError("openssl: \(output)") }
    }

    subscript(name: String) -> NIOSSLCertificate? {
        switch name {
        case "valid": valid
        case "named": named
        case "expired": expired
        default: nil
        }
    }

    func server(_ certificate: NIOSSLCertificate) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    func client(trusting certificate: NIOSSLCertificate?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let certificate { configuration.trustRoots = .certificates([certificate]) }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Runs a command to its end; what it wrote to both outputs.
func run(_ path: String, _ arguments: [String], in directory: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
