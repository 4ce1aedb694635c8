import Diagnostics
import PolicyLanguage

/// `10.1.2.3/8`: more addresses than the text suggests.
struct HostBitsLint: PolicyLint {
    let rule = LintRule(
        code: "host-bits-in-range", summary: "a block of addresses that is larger than it looks",
        text: """
            Bits behind the length of a block are ignored: `10.1.2.3/8` is all of `10.0.0.0/8`. Write the block's first address, so that the text says \
            what counts, or the address alone if that was meant.
            """,
        badAllow: "and:\n  - source_ip: 10.1.2.3/8\n  - authenticated_user: true",
        goodAllow: "and:\n  - source_ip: 10.0.0.0/8\n  - authenticated_user: true")

    func check(_ policy: PolicyDocument, of route: LintedRoute, _ subject: LintSubject, _ findings: inout LintFindings) {
        for criterion in policy.rules.flatMap(\.conditionals).flatMap(\.criteria) where criterion.name == "source_ip" {
            for value in criterion.data.sequence ?? [criterion.data] {
                guard let text = value.string, let slash = text.firstIndex(of: "/"), let range = IPRange(text),
                    let address = IPAddress(String(text[..<slash])), address != range.base
                else { continue }
                let plain = "\(range)"
                findings.add(
                    "\(text) is the whole block \(plain)", at: value.position, help: "write \(plain), or \(address) for this address alone",
                    fix: subject.text?.replacing(value, with: plain).map { LintFix("write the block's first address", [$0]) })
            }
        }
    }
}
