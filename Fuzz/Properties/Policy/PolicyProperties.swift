import Diagnostics
import PolicyCriteria
import PolicyLanguage

/// What must hold for every text that somebody calls a policy. Nil when it does, the broken rule otherwise.
///
/// It either compiles or says what is wrong, and a compiled policy keeps its promises for a handful of requests.
public func policyViolation(_ bytes: [UInt8]) -> String? {
    var report = DiagnosticReport()
    let text = String(decoding: bytes, as: UTF8.self)
    guard let policy = CompiledPolicy.compile(text, file: "policy", catalog: .standard, report: &report) else {
        return report.hasErrors ? nil : "refused without an error"
    }
    if report.hasErrors { return "compiled despite an error" }
    for facts in requests {
        let verdict = PolicyEvaluator.evaluate(policy, facts)
        if verdict != PolicyEvaluator.evaluate([policy, policy], facts) { return "a policy beside itself is another policy" }
        if verdict.deny, verdict.outcome == .allowed { return "allowed what a rule denies" }
        if verdict.outcome == .allowed, !verdict.allow { return "allowed what no rule allows" }
        if verdict.outcome == .allowed, facts.principal == nil, !policy.admitsAnonymous { return "allowed an anonymous request against its promise" }
        let explanation = PolicyEvaluator.explain([policy], facts)
        if explanation.outcome != verdict.outcome(mcp: facts.mcp) { return "the explanation is that of another outcome" }
        let conditionals = explanation.policies.flatMap { $0.allow + $0.deny }
        if conditionals.contains(where: { $0.criteria.isEmpty }) { return "a conditional without criteria was kept" }
    }
    return nil
}

/// What must hold for every text that somebody calls an address, a range or a date.
public func policyScalarViolation(_ bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    if let address = IPAddress(text) {
        if IPAddress(address.description) != address { return "an address changed when written: \(address)" }
        if IPRange(text).map({ $0.contains(address) }) != true { return "an address is not in itself: \(address)" }
    }
    if let range = IPRange(text) {
        if IPRange(range.description) != range { return "a range changed when written: \(range)" }
        if !range.contains(range.base) { return "a range does not hold its own base: \(range)" }
    }
    if let time = UnixTime(iso8601: text), UnixTime(iso8601: time.description) != time { return "a moment changed when written: \(time)" }
    if let decoded = FactText(text).percentDecoded, decoded.count > text.utf8.count { return "a text grew when decoded" }
    return nil
}

private let requests: [RequestFacts] = {
    let now = UnixTime(seconds: 1_718_193_600)
    let principal = Principal(
        sessionID: "s", userID: "u1", email: "a@example.com", claims: ["role": [.string("admin"), .int(3)]], groups: ["g1"],
        deviceCredentials: [DeviceCredential(typeID: "any", credentialID: "c1", enrollment: .init(id: "e1", approvedBy: "admin"))])
    let records = DirectoryRecords([DirectoryRecord(type: "hr", id: "u1", fields: ["level": [.int(3)], "team": [.string("red")]])])
    return [
        RequestFacts(now: now),
        RequestFacts(principal: principal, method: "GET", path: "/a", clientAddress: IPAddress("10.0.0.1"), now: now, directoryRecords: records),
        RequestFacts(
            method: "OPTIONS", path: "/", headers: HeaderFacts([("Origin", "https://a"), ("Access-Control-Request-Method", "PUT")]),
            clientAddress: IPAddress("2001:db8::1"), clientCertificate: ClientCertificateFacts(isValid: true, fingerprint: [], spkiHash: []),
            now: now,
            ssh: .init(username: "root"), mcp: .init(method: "tools/call", tool: "x")),
    ]
}()
