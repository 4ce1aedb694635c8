import PolicyLanguage
public import Records

/// Who would gain or lose what, for people and programs.
public enum ShadowReport {
    /// One JSON object; `counts` by the names of routes, since the start of the process.
    public static func json(_ findings: [ShadowFinding], counts: [String: ShadowCounts]?) -> String {
        var writer = DocumentWriter()
        writer.beginObject()
        if let counts {
            writer.key("routes")
            writer.beginArray()
            for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
                writer.beginObject()
                writer.member("route_name", name)
                for (key, value) in [("same", count.same), ("gains", count.gains), ("loses", count.loses)] {
                    writer.key(key)
                    writer.raw("\(value)")
                }
                writer.endObject()
            }
            writer.endArray()
        }
        writer.key("findings")
        writer.beginArray()
        for finding in findings {
            writer.beginObject()
            writer.member("route_id", finding.routeID)
            writer.member("route_name", finding.routeName)
            writer.member("change", finding.change.rawValue)
            writer.member("user_id", finding.userID)
            writer.member("email", finding.email)
            writer.member("first_seen", UnixTime(nanoseconds: finding.firstSeen).description)
            writer.member("last_seen", UnixTime(nanoseconds: finding.lastSeen).description)
            writer.key("count")
            writer.raw("\(finding.count)")
            writer.member("sample_request_id", finding.sampleRequestID)
            writer.member("sample_request", finding.sampleRequest)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.text + "\n"
    }

    /// By route, for people at a terminal.
    public static func text(_ findings: [ShadowFinding]) -> String {
        var lines: [String] = []
        var routeID: String?
        for finding in findings {
            if finding.routeID != routeID {
                routeID = finding.routeID
                lines.append("route \(finding.routeName) (id \(finding.routeID))")
            }
            let person =
                finding.email.isEmpty ? (finding.userID.isEmpty ? "visitors who are not signed in" : "user \(finding.userID)") : finding.email
            let requests = finding.count == 1 ? "1 request" : "\(finding.count) requests"
            lines.append(
                "  \(finding.change == .gains ? "would gain" : "would lose")  \(person)  \(requests), last \(UnixTime(nanoseconds: finding.lastSeen))"
            )
            lines.append("              for example \(finding.sampleRequest) (request \(finding.sampleRequestID))")
        }
        return lines.map { TerminalText.safe($0) + "\n" }.joined()
    }
}
