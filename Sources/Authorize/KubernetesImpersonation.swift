import HTTPWire

/// The lines by which a Kubernetes API server is told for whom a service account speaks (kubernetes.io, "User impersonation").
enum KubernetesImpersonation {
    /// Nothing for a person without an e-mail address, or with one that cannot stand in a header: the token alone would lend the visitor all rights
    /// of the service account.
    static func lines(token: String, active: ActiveSession) -> [UInt8] {
        var builder = HeadBuilder()
        guard !active.email.isEmpty, builder.field("Impersonate-User", active.email) else { return [] }
        for group in active.groups where !group.isEmpty { _ = builder.field("Impersonate-Group", group) }
        guard builder.field("Authorization", "Bearer \(token)") else { return [] }
        return builder.bytes
    }
}
