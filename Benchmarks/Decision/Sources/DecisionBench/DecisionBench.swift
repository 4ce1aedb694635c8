import Diagnostics
import PolicyCriteria
import PolicyLanguage

/// `DecisionBench COUNT`: evaluates one policy of ten criteria COUNT times and prints the nanoseconds of one decision.
@main struct DecisionBench {
    static let policy = """
        - allow:
            and:
              - domain: example.com
              - groups: {has: eng}
              - http_method: {in: [GET, POST]}
            or:
              - email: {ends_with: "@example.com"}
              - claim/role: admin
              - http_path: {starts_with: /reports/}
        - deny:
            or:
              - email: mallory@example.com
              - source_ip: 192.0.2.0/24
              - groups: {has: blocked}
              - date: {before: 2020-01-01T00:00:00Z}
        """

    static let facts = """
        {"session": {"id": "s", "user_id": "u", "claims": {"role": ["user"], "name": ["Ann"]}, "expires_at": "2100-01-01T00:00:00Z"},
         "user": {"id": "u", "email": "ann@example.com", "claims": {"given_name": ["Ann"]}}, "groups": ["staff", "eng", "reviewers"],
         "request": {"method": "GET", "path": "/reports/2026/10", "host": "app.example.com", "ip": "198.51.100.7"}, "now": "2026-11-01T00:00:00Z"}
        """

    static func main() {
        var report = DiagnosticReport()
        guard let count = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }),
            let compiled = CompiledPolicy.compile(policy, file: "policy", catalog: .standard, report: &report),
            let facts = RequestFactsDocument.parse(facts, file: "facts", now: UnixTime(seconds: 0), report: &report)
        else {
            print(report.rendered())
            fatalError("usage: DecisionBench COUNT")
        }
        let policies = [compiled]
        var allowed = 0
        let begin = ContinuousClock.now
        for _ in 0..<count where PolicyEvaluator.evaluate(policies, facts).allow { allowed += 1 }
        let spent = ContinuousClock.now - begin
        precondition(allowed == count, "the policy lets nobody in: something else is measured")
        print(Double(spent.components.seconds) * 1e9 / Double(count) + Double(spent.components.attoseconds) / 1e9 / Double(count))
    }
}
