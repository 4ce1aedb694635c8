public import PolicyLanguage

extension PolicyReplay {
    /// One JSON object.
    public var json: String {
        var writer = DocumentWriter()
        writer.beginObject()
        for (name, count) in [
            ("examined", examined), ("allowed", allowed), ("same", Int(clamping: counts.same)), ("gains", Int(clamping: counts.gains)),
            ("loses", Int(clamping: counts.loses)),
        ] {
            writer.key(name)
            writer.raw("\(count)")
        }
        writer.key("skipped")
        writer.beginObject()
        for (why, count) in skipped.sorted(by: { $0.key < $1.key }) {
            writer.key(why)
            writer.raw("\(count)")
        }
        writer.endObject()
        writer.key("report")
        writer.raw(String(ShadowReport.json(findings, counts: nil).dropLast()))
        writer.endObject()
        return writer.text + "\n"
    }

    /// For people at a terminal.
    public func text(since start: UnixTime) -> String {
        var lines = [
            "\(examined) decisions since \(start): \(counts.loses) would be refused, \(counts.gains) would be allowed, \(counts.same) stay the same"
        ]
        for (why, count) in skipped.sorted(by: { $0.key < $1.key }) { lines.append("\(count) passed over: \(why)") }
        if allowed == 0 {
            lines.append("note: no allowed request is kept, so nobody can be seen to lose access; set decision_log_allowed: true")
        }
        return lines.map { TerminalText.safe($0) + "\n" }.joined() + ShadowReport.text(findings)
    }

    /// Decisions that were made again.
    private var examined: Int { Int(clamping: counts.same &+ counts.gains &+ counts.loses) }
}
