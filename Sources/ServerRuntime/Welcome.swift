import IdentityProviders
import KeyMaterial
import ProxyConfig
import Records
import Routing

/// What the person at the terminal reads when the server is up.
enum Welcome {
    /// Makes the first user where the embedded provider has none yet, and tells the credentials: this once, they are stored nowhere.
    static func text(_ installation: Installation, config: ConfigSnapshot, directory: DataDirectory) async throws -> String {
        var lines = ["postern is up", "  open:     \(firstAddress(config))"]
        if installation.current.certificates.isLocal {
            let ca = directory.file(ServerCertificates.authorityFile)
            lines += [
                "  trust:    the certificates come from a local authority, \(ca)",
                "            import it into your browser, or on Debian:",
                "            cp \(ca) /usr/local/share/ca-certificates/postern-local.crt && update-ca-certificates",
                "  curl:     curl --cacert \(ca) \(firstAddress(config))",
            ]
        }
        if let users = installation.current.provider.users, let credentials = try await firstUser(users) {
            lines += [
                "  sign in as the first user; the password is shown this once:",
                "user: \(credentials.email)",
                "password: \(credentials.password)",
                "  more users: postern users add EMAIL --password-stdin --groups a,b --data-dir \(directory.path)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func firstAddress(_ config: ConfigSnapshot) -> String {
        let route = config.routes.first { !$0.from.host.isWildcard }
        return route.map { $0.from.text } ?? config.authenticateURL.text
    }

    private static func firstUser(_ users: LocalUserDirectory) async throws -> (email: String, password: String)? {
        guard try await users.list().isEmpty else { return nil }
        let password = RandomToken.text(bytes: 12)
        let user = try await users.add(email: "admin@postern.localhost", name: "First User", groups: ["admins"], password: password)
        return (user.email, password)
    }
}
