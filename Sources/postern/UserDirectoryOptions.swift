import ArgumentParser
import BrokerStorage
import Diagnostics
import Foundation
import IdentityProviders
import ProxyConfig
import Records
import ServerRuntime

/// Opens the user directory of an installation, also while its server runs: the server sees the change at once.
struct UserDirectoryOptions: ParsableArguments {
    @Option(help: "The configuration file; only its data_dir and storage settings count here.")
    var config: String?

    @OptionGroup var storage: DataDirectoryOptions

    /// Runs `body`, closes the store, and turns every error into a message with exit status 1.
    func withDirectory(_ body: (LocalUserDirectory) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        try await CommandFailure.reported {
            let settings = try config.map { try ConfigLoader(environment: environment, allowUnknownKeys: true).load($0).settings }
            if settings?.databrokerStorageType == .memory {
                throw DiagnosticError(
                    Diagnostic(
                        code: "storage", "databroker_storage_type: memory keeps users in the server's memory alone",
                        help: "set databroker_storage_type: file, or leave it out"))
            }
            let directory = DataDirectory.choose(flag: storage.dataDir, configured: settings?.dataDir, environment: environment)
            try directory.prepare()
            try await StorageCatalog.withStore(
                type: "file", dataDirectory: directory.path, connection: settings?.databrokerStorageConnectionString
            ) { store in
                try await body(LocalUserDirectory(store: store, hasher: PasswordHasher(), clock: .system))
            }
        }
    }
}

/// How a password reaches the command: never as an argument, which other users of the machine could see.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from the first line of standard input.")
    var passwordStdin = false

    func read() throws -> String {
        guard passwordStdin else {
            throw ValidationError(
                "give the password with --password-stdin, for example: printf '%s\\n' \"$PASSWORD\" | postern users … --password-stdin")
        }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else { throw ValidationError("standard input holds no password") }
        return line
    }
}
