import Diagnostics
import Routing

extension ConfigEntry {
    static let incompleteClientCertificate = "config: client certificate key and cert both must be non-empty"

    /// Reports that the other half of a certificate with its key is missing.
    func needs(_ other: String, _ context: inout RouteDecodingContext) -> Bool {
        if context.has(other) { return true }
        context.report.error("incomplete-certificate", Self.incompleteClientCertificate, at: keyPosition, help: "set \(other)")
        return false
    }

    /// PEM text of a client certificate or its key, inline or from the file that the value names.
    func clientCertificatePEM(fromFile: Bool, _ context: inout RouteDecodingContext) -> String? {
        let prefix = fromFile ? "config: couldn't load client cert file " : "config: couldn't decode client cert "
        let text =
            fromFile ? context.file(named: self, or: { prefix + $0 }) : base64Text(&context.report, or: { prefix + $0 })
        guard let text else { return nil }
        guard text.contains("-----BEGIN ") else {
            context.report.error("invalid-pem", prefix + "no PEM text in \(key)", at: position)
            return nil
        }
        return text
    }
}
