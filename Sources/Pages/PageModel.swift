/// The values a template sees. A key that has nothing to show is absent, so that its section is left out.
struct PageModel {
    let title: String
    let text: String
    private(set) var values: [String: Any]

    init(title: String, text: String = "", requestID: String? = nil, wide: Bool = false) {
        self.title = title
        self.text = text
        values = ["pageTitle": title, "wide": wide]
        set("requestID", requestID)
    }

    /// Sets a text; nil and the empty text leave the key absent.
    mutating func set(_ key: String, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        values[key] = text
    }

    /// Sets the target of a link; a target that is not a path or an http(s) URL leaves the key absent.
    mutating func set(_ key: String, link: String?) {
        set(key, link.flatMap(LinkTarget.accepted))
    }

    mutating func set(_ key: String, _ flag: Bool) {
        values[key] = flag
    }

    mutating func set(_ key: String, _ section: [String: Any]) {
        values[key] = section
    }

    /// Sets the list under `key`, and `flag` to whether it has elements.
    mutating func set(_ key: String, list: [Any], flag: String? = nil) {
        values[key] = list
        if let flag { values[flag] = !list.isEmpty }
    }

    /// One row of a list; absent texts are left out, which needs names that the enclosing model does not use.
    static func row(_ texts: KeyValuePairs<String, String?>) -> [String: Any] {
        var row: [String: Any] = [:]
        for (key, text) in texts {
            guard let text, !text.isEmpty else { continue }
            row[key] = text
        }
        return row
    }
}
