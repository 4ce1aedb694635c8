/// Which addresses a page may link to, submit to or load an image from.
///
/// Escaping alone does not stop `javascript:` and other active schemes, so links are admitted by form.
enum LinkTarget {
    /// Returns `address` when it is a path of this host, or an absolute `http` or `https` URL.
    static func accepted(_ address: String) -> String? {
        guard isPlain(address) else { return nil }
        if address.hasPrefix("/") {
            // "//host" and "/\host" are addresses of another host to a browser.
            let second = address.utf8.dropFirst().first
            return second == UInt8(ascii: "/") || second == UInt8(ascii: "\\") ? nil : address
        }
        return hasScheme("https", address) || hasScheme("http", address) ? address : nil
    }

    /// Returns `address` when ``accepted(_:)`` does or when it is a `data:` URL of an image.
    static func acceptedImage(_ address: String) -> String? {
        if address.lowercased().hasPrefix("data:image/"), isPlain(address) { return address }
        return accepted(address)
    }

    /// The scheme and authority of an absolute URL as a source expression, nil for a path or a `data:` URL.
    static func origin(_ address: String) -> String? {
        guard hasScheme("https", address) || hasScheme("http", address), let colon = address.firstIndex(of: ":") else { return nil }
        let rest = address[address.index(colon, offsetBy: 3)...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != "\\" }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        return address[..<colon].lowercased() + "://" + authority
    }

    private static func hasScheme(_ scheme: String, _ address: String) -> Bool {
        let prefix = scheme + "://"
        return address.utf8.count > prefix.utf8.count && address.prefix(prefix.count).lowercased() == prefix
    }

    /// Browsers drop tabs, line ends and leading spaces before they look for the scheme.
    private static func isPlain(_ address: String) -> Bool {
        !address.isEmpty && address.unicodeScalars.allSatisfy { $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
