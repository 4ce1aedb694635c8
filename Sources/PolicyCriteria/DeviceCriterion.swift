import Diagnostics
import PolicyLanguage

/// `device`: an object with `is` (credential id), `type` (`any`, `enclave_only` or another device type, by default `any`) and `approved`.
///
/// The credential is the session's first of that very type; one of type `enclave_only` does not stand for `any`. Without it, or, unless only `is` is
/// asked for, without its enrolment, the reason is `device-unauthenticated`, which leads to enrolment.
struct DeviceCriterion: IdentityCriterion {
    static let name = "device"
    static let summary = "the device that the user has registered"
    static let dependencies: PolicyDependencies = [.identity, .device]

    private let credentialID: String?
    private let type: String
    private let approved: Bool?
    /// Whether the enrolment record counts.
    private let needsEnrollment: Bool
    let wanted: String

    init?(_ source: CriterionSource, options: PolicyOptions, report: inout DiagnosticReport) {
        guard let entries = source.data.mapping else {
            report.error("invalid-value", "expected object for device criterion, got: \(source.data.parserTypeName)", at: source.data.position)
            return nil
        }
        if entries.isEmpty {
            report.error("empty-matcher", "device needs a condition", at: source.data.position, help: "write type: any for every registered device")
        }
        var failed = entries.isEmpty
        for entry in entries {
            switch entry.key {
            case "is", "type":
                guard entry.value.string == nil else { continue }
                report.error(
                    "invalid-value", "expected string for device criterion \(entry.key) operator, got \(entry.value.parserTypeName)",
                    at: entry.value.position)
            case "approved":
                continue
            default:
                report.error(
                    "unknown-key", "unexpected field in device criterion: \(entry.key)", at: entry.keyPosition,
                    help: Suggestion.nearest(to: entry.key, in: ["is", "type", "approved"]).map { "did you mean \($0)?" }
                        ?? "known are is, type, approved")
            }
            failed = true
        }
        guard !failed else { return nil }
        credentialID = source.data["is"]?.string
        type = source.data["type"]?.string ?? "any"
        approved = source.data["approved"].map { Self.isTruthy($0) }
        needsEnrollment = credentialID == nil || approved != nil
        wanted = [
            "type \(type)", credentialID.map { "credential \($0)" }, approved.map { $0 ? "approved" : "not approved" },
        ].compactMap(\.self).joined(separator: ", ")
    }

    var deviceType: String? { type }

    func seen(_ principal: Principal, _ facts: RequestFacts) -> String {
        guard let credential = credential(of: principal) else { return "no device of type \(type)" }
        let state = credential.enrollment.map { $0.isApproved ? "approved" : "not approved" } ?? "not enrolled"
        return "credential \(credential.credentialID), \(state)"
    }

    func evaluate(_ principal: Principal, _ facts: RequestFacts) -> CriterionResult {
        guard let credential = credential(of: principal) else { return CriterionResult(.unfulfilled, .deviceUnauthenticated) }
        if needsEnrollment, credential.enrollment == nil { return CriterionResult(.unfulfilled, .deviceUnauthenticated) }
        let isThisOne = credentialID.map { $0.utf8.elementsEqual(credential.credentialID.utf8) } ?? true
        let isApproved = approved.map { $0 == (credential.enrollment?.isApproved ?? false) } ?? true
        if isThisOne, isApproved { return CriterionResult(.fulfilled, .deviceOK) }
        return CriterionResult(.unfulfilled, credential.enrollment == nil ? .deviceUnauthenticated : .deviceUnauthorized)
    }

    private func credential(of principal: Principal) -> DeviceCredential? {
        principal.deviceCredentials.first { $0.typeID == type }
    }

    /// `false`, `0`, `""` and null are false, as in JavaScript.
    private static func isTruthy(_ value: PositionedValue) -> Bool {
        switch value.kind {
        case .null: false
        case .bool(let bool): bool
        case .int(let int): int != 0
        case .double(let double): double != 0 && !double.isNaN
        case .string(let string): !string.isEmpty
        case .sequence, .mapping: true
        }
    }
}
