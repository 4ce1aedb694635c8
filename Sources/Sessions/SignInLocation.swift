public import KeyMaterial

/// Where a browser is sent to be signed in.
public enum SignInLocation {
    /// Path of the authenticate host's first step.
    public static let path = "/.pomerium/sign_in"

    /// `https://AUTHENTICATE/.pomerium/sign_in?pomerium_request=<sealed request>`.
    ///
    /// A redirect URL longer than ``SignInRequest/maximumURLLength`` is cut to its origin with the path `/`, so that the result fits into a
    /// request line. `authenticateAuthority` is a host, with its port where that is not 443. Throws only when sealing fails.
    public static func url(for request: SignInRequest, authenticateAuthority: String, keys: KeyRing) throws -> String {
        var request = request
        if request.redirectURL.utf8.count > SignInRequest.maximumURLLength {
            request.redirectURL = origin(of: request.redirectURL).map { $0 + "/" } ?? "https://\(request.callbackAuthority)/"
        }
        return "https://\(authenticateAuthority)\(path)?\(SignInRequest.parameter)=\(try request.sealed(with: keys))"
    }

    /// `https://authority` of an https URL; nil for any other text. Host characters are those of a name, an address literal and a port:
    /// user information, backslashes and everything that browsers read in another way than servers are refused.
    public static func origin(of url: String) -> String? {
        authority(of: url).map { "https://\($0)" }
    }

    /// Host and port of an https URL, as written; see ``origin(of:)``.
    public static func authority(of url: String) -> String? {
        let scheme = "https://"
        guard url.hasPrefix(scheme) else { return nil }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.isEmpty, authority.allSatisfy(isAuthorityByte) else { return nil }
        return String(authority)
    }

    /// The host name of an authority: without port, lower case, without the final dot. An IPv6 literal keeps its brackets.
    public static func host(ofAuthority authority: String) -> String {
        var host = authority[...]
        if host.hasPrefix("["), let close = host.firstIndex(of: "]") {
            host = host[...close]
        } else if let colon = host.lastIndex(of: ":") {
            host = host[..<colon]
        }
        if host.hasSuffix(".") { host = host.dropLast() }
        return host.lowercased()
    }

    private static func isAuthorityByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
