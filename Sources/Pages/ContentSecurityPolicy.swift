extension Branding {
    /// For forms whose answer leads to hosts that are not known beforehand: browsers hold every redirect after a submission against
    /// `form-action`, and those lead over routes to identity providers, and to loopback receivers of command lines.
    public static let formsThatLeadAnywhere = ["'self'", "https:", "http://localhost:*", "http://127.0.0.1:*"]

    /// The exact value of the `Content-Security-Policy` header for every page rendered with this branding.
    ///
    /// No script, no frame, no external resource; the one inline style sheet is admitted by its hash, and an absolute ``logoURL`` or
    /// ``faviconURL`` by its origin. Browsers apply `form-action` to the redirects after a submission too, so a form whose answer leads to
    /// another host needs the origin of that host in the list.
    ///
    /// An expression with white space, `;`, `,` or a control character is left out.
    ///
    /// - Parameters:
    ///   - formAction: source expressions such as `'self'` or `https://app.example.com`. An empty list forbids forms.
    ///   - others: origins that pictures of this page come from.
    public func contentSecurityPolicy(formAction: [String] = [], images others: [String] = []) -> String {
        var images = ["'self'", "data:"]
        for origin in [logoURL, faviconURL].compactMap({ $0.flatMap(LinkTarget.origin) }) + others {
            if Self.isSource(origin), !images.contains(origin) { images.append(origin) }
        }
        let actions = formAction.filter(Self.isSource)
        return [
            "default-src 'none'",
            "style-src 'sha256-\(styleHash)'",
            "img-src \(images.joined(separator: " "))",
            "form-action \(actions.isEmpty ? "'none'" : actions.joined(separator: " "))",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ].joined(separator: "; ")
    }

    private static func isSource(_ expression: String) -> Bool {
        !expression.isEmpty && expression.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
    }
}
