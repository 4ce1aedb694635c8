import Diagnostics
import Foundation
import PolicyLanguage
import Testing

@testable import PolicyCriteria

/// What every criterion of the catalog keeps to.
@Suite struct CriterionCatalogTests {
    static let names = CriterionCatalog.standard.names

    @Test func namesAreUniqueAndSpelledLikeKeys() {
        #expect(Set(Self.names).count == Self.names.count)
        #expect(Self.names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } })
        #expect(CriterionCatalog.standard.criteria.allSatisfy { !$0.summary.isEmpty && !$0.summary.hasSuffix(".") })
    }

    @Test(arguments: names)
    func refusesWithADiagnosticOrEvaluates(name: String) throws {
        let type = try #require(CriterionCatalog.standard[name])
        let values = [
            "null", "true", "false", "5", "-0.5", "x", "''", "[]", "[x]", "[5]", "[[x]]", "{}", "{is: x}", "{is: 5}", "{is: {}}", "{'': ''}",
            "{type: x, field: y, is: z}", "{after: x}", "{has: []}", "{contains: ''}", "{timezone: UTC, before: 9 AM}", "{fingerprint: []}",
        ]
        for value in values {
            var report = DiagnosticReport()
            let data = try #require(PositionedValue.parse(yaml: value, file: "f", report: &report))
            let source = CriterionSource(name: name, subPath: "x", position: data.position, data: data)
            let criterion = type.init(source, options: .standard, report: &report)
            #expect((criterion == nil) == report.hasErrors, "\(name): \(value)")
            guard let criterion else { continue }
            let anonymous = RequestFacts(now: UnixTime(seconds: 0))
            let result = criterion.evaluate(anonymous)
            #expect(!criterion.seen(anonymous).isEmpty)
            #expect(!criterion.wanted.isEmpty)
            if type.needsSession { #expect(result == .noSession, "\(name): \(value)") }
            if let constant = criterion.constant { #expect(result.state == (constant ? .fulfilled : .unfulfilled)) }
            let principal = Principal(sessionID: "s", userID: "u", email: "a@b")
            let known = RequestFacts(principal: principal, now: UnixTime(seconds: 0))
            if name != "record" { #expect(criterion.evaluate(known).state != .unknown) }
            #expect(!criterion.seen(known).isEmpty)
        }
    }

    @Test func dependenciesAreThoseOfTheCriteria() throws {
        var report = DiagnosticReport()
        let text = "allow: {and: [{http_path: /a}, {date: {before: 2030-01-01}}, {email: a@b}]}\ndeny: {or: [{source_ip: 10.0.0.1}]}"
        let policy = try #require(CompiledPolicy.compile(text, file: "p", catalog: .standard, report: &report))
        #expect(policy.dependencies == [.path, .time, .identity, .clientAddress])
        #expect(!policy.admitsAnonymous)
    }

    @Test func comparesEmailsWithoutCaseWhenAsked() throws {
        var report = DiagnosticReport()
        let text = "allow: {or: [email: Alice@Example.com]}"
        let facts = RequestFacts(principal: Principal(sessionID: "s", userID: "u", email: "ALICE@example.com"), now: UnixTime(seconds: 0))
        let exact = try #require(CompiledPolicy.compile(text, file: "p", catalog: .standard, report: &report))
        let folding = try #require(
            CompiledPolicy.compile(text, file: "p", catalog: .standard, options: PolicyOptions(emailIgnoresCase: true), report: &report))
        #expect(!PolicyEvaluator.evaluate(exact, facts).allow)
        #expect(PolicyEvaluator.evaluate(folding, facts).allow)
    }

    @Test func namesTheDeviceTypeToEnrol() throws {
        var report = DiagnosticReport()
        let text = "allow: {and: [{authenticated_user: true}, {device: {type: enclave_only}}]}\ndeny: {not: [{device: {type: any}}]}"
        let policy = try #require(CompiledPolicy.compile(text, file: "p", catalog: .standard, report: &report))
        let facts = RequestFacts(principal: Principal(sessionID: "s", userID: "u"), now: UnixTime(seconds: 0))
        #expect(PolicyEvaluator.evaluate(policy, facts).outcome == .deviceEnrollment)
        #expect(PolicyEvaluator.missingDeviceType([policy], facts) == "enclave_only")
        #expect(PolicyEvaluator.missingDeviceType([], facts) == "any")
    }

    @Test func explainsWhatWasSeenAndWanted() throws {
        var report = DiagnosticReport()
        let policy = try #require(
            CompiledPolicy.compile("allow:\n  and:\n    - email: a@b\n", file: "p", label: "route r", catalog: .standard, report: &report))
        let facts = RequestFacts(principal: Principal(sessionID: "s", userID: "u", email: "c@d"), now: UnixTime(seconds: 0))
        let explanation = PolicyEvaluator.explain([policy], facts)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(explanation), as: UTF8.self)
        #expect(
            text == """
                {"allow":false,"allow_reasons":["email-unauthorized"],"deny":false,"deny_reasons":[],"outcome":"forbidden",\
                "policies":[{"allow":[{"conditional":"and","criteria":[{"criterion":"email","position":"p:3:7","reason":"email-unauthorized",\
                "result":"unfulfilled","seen":"\\"c@d\\"","wanted":"is \\"a@b\\""}],"position":"p:2:3","reasons":["email-unauthorized"],\
                "result":false}],"deny":[],"policy":"route r"}]}
                """)
        #expect(try JSONDecoder().decode(PolicyExplanation.self, from: Data(text.utf8)) == explanation)
    }
}
