public import Diagnostics
import PolicyLanguage

/// Reads `tests`, at the top of a configuration and beside a route's policy.
public enum PolicyTestReader {
    /// The tests of a list; those that cannot be read are left out, and `report` says why. `needsURL`: there is no route to take the origin from.
    public static func tests(in entry: ConfigEntry, needsURL: Bool, _ report: inout DiagnosticReport) -> [PolicyTest] {
        guard let elements = entry.value.sequence else {
            entry.mismatch("a list of tests", &report)
            return []
        }
        return elements.compactMap { test($0, needsURL: needsURL, &report) }
    }

    private static func test(_ value: PositionedValue, needsURL: Bool, _ report: inout DiagnosticReport) -> PolicyTest? {
        var reader = ObjectReader(value, subject: "test")
        var test = PolicyTest(name: reader.filledString("name") ?? "", position: value.position)
        if value.mapping != nil, test.name.isEmpty { reader.problem("a test needs a name", at: value.position) }
        if let subject = reader.value("as") {
            test.subject = principal(subject, &reader)
        } else if value.mapping != nil {
            reader.problem("a test needs as: an e-mail address, an object, or anonymous", at: value.position)
        }
        if let request = reader.value("request") {
            if request.string == nil {
                test.request = reader.object("request") { Self.request(&$0) } ?? test.request
            } else if let text = reader.string("request") {
                locate(text, request.position, &test.request, &reader)
            }
        }
        if value.mapping != nil, needsURL, test.request.url == nil, !reader.report.hasErrors {
            reader.problem("a test outside a route needs request with a url", at: value.position)
        }
        test.moment = reader.converted("at", "an ISO 8601 date") { UnixTime(iso8601: $0) }
        if reader.value("expect") == nil {
            if value.mapping != nil { reader.problem("a test needs expect: allow, deny, login or another outcome", at: value.position) }
        } else {
            test.expectation =
                reader.converted("expect", "one of " + PolicyTest.Expectation.words.joined(separator: ", ")) { PolicyTest.Expectation($0) }
                ?? test.expectation
        }
        test.reasons = reasons(&reader)
        let problems = reader.finished()
        report.merge(problems)
        return problems.hasErrors ? nil : test
    }

    private static func reasons(_ reader: inout ObjectReader) -> [Reason] {
        var reasons: [Reason] = []
        let elements = reader.value("reasons").map { $0.sequence ?? [$0] } ?? []
        for element in elements {
            if let reason = element.string.flatMap({ Reason(rawValue: $0) }) {
                reasons.append(reason)
            } else {
                let near = Suggestion.nearest(to: element.text ?? "", in: Reason.allCases.map(\.rawValue))
                reader.problem(
                    "unknown reason \(element.text ?? element.typeName)" + (near.map { ", did you mean \($0)?" } ?? ""), at: element.position)
            }
        }
        return reasons
    }

    /// A URL, or a path that begins with `/`.
    private static func locate(
        _ text: String, _ position: SourcePosition, _ request: inout PolicyTest.Request, _ reader: inout ObjectReader
    ) {
        guard !text.hasPrefix("/") else {
            request.path = text
            return
        }
        do {
            request.url = try AbsoluteURL(text)
        } catch {
            reader.problem(error.message, at: position)
        }
    }

    private static func request(_ reader: inout ObjectReader) -> PolicyTest.Request {
        var request = PolicyTest.Request()
        for key in ["url", "path"] {
            guard let text = reader.filledString(key), let position = reader.value(key)?.position else { continue }
            guard (key == "path") == text.hasPrefix("/") else {
                reader.problem("expected a \(key), got: \(text)", at: position)
                continue
            }
            locate(text, position, &request, &reader)
        }
        request.method = reader.filledString("method") ?? "GET"
        request.address = reader.converted("ip", "an IP address") { IPAddress($0) }
        if let headers = reader.value("headers") {
            if headers.mapping == nil { reader.problem("expected object for test.request.headers, got: \(headers.typeName)", at: headers.position) }
            for entry in headers.mapping ?? [] {
                for element in entry.value.sequence ?? [entry.value] { request.headers.append((entry.key, element.text ?? "")) }
            }
        }
        return request
    }

    private static func principal(_ value: PositionedValue, _ reader: inout ObjectReader) -> Principal? {
        if let text = reader.value("as")?.string {
            guard text != "anonymous" else { return nil }
            return Principal(sessionID: "test", userID: text, email: text, claims: signInClaims(email: text, groups: []), groups: [])
        }
        return reader.object("as") { part in
            let email = part.string("email") ?? ""
            let groups = part.strings("groups") ?? []
            let devices = part.objects("devices") { device in
                let approved = device.bool("approved") ?? true
                let id = device.string("id") ?? "device"
                return DeviceCredential(
                    typeID: device.string("type") ?? "any", credentialID: id,
                    enrollment: .init(id: id, approvedBy: approved ? "test" : nil))
            }
            return Principal(
                sessionID: "test", userID: part.filledString("user") ?? email, email: email,
                claims: signInClaims(email: email, groups: groups).merging(claims(&part)) { _, given in given }, groups: groups,
                deviceCredentials: devices)
        }
    }

    /// What a token of this person holds in any case, so that `claim/email` and `claim/groups` answer as they would for a real session.
    private static func signInClaims(email: String, groups: [String]) -> [String: [ClaimValue]] {
        ["email": [.string(email)], "groups": groups.map { .string($0) }]
    }

    private static func claims(_ reader: inout ObjectReader) -> [String: [ClaimValue]] {
        guard let value = reader.value("claims") else { return [:] }
        if value.mapping == nil { reader.problem("expected object for test.as.claims, got: \(value.typeName)", at: value.position) }
        var claims: [String: [ClaimValue]] = [:]
        for entry in value.mapping ?? [] {
            let elements = entry.value.sequence ?? [entry.value]
            claims[entry.key] = elements.compactMap { ClaimValue($0) }
            if claims[entry.key]?.count != elements.count {
                reader.problem("expected a scalar or a list of scalars for \(entry.key)", at: entry.value.position)
            }
        }
        return claims
    }
}
