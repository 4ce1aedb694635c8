import HTTPEndpoints
import Sessions

/// Where a programmatic sign-in may deliver its token: the lesson of CVE-2021-29651 is to compare whole host names.
enum ProgrammaticRedirect {
    static let parameter = "pomerium_jwt"

    /// http or https; the host is one of `hosts` (any port). The entry `localhost` admits loopback addresses too.
    static func isAllowed(_ url: String, hosts: [String]) -> Bool {
        guard let rest = ["http://", "https://"].lazy.compactMap({ url.hasPrefix($0) ? url.dropFirst($0.count) : nil }).first,
            let authority = SignInLocation.authority(of: "https://\(rest)"), url.utf8.count <= SignInRequest.maximumURLLength,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return false }
        let host = SignInLocation.host(ofAuthority: authority)
        return hosts.contains { $0.lowercased() == host || ($0.lowercased() == "localhost" && isLoopback(host)) }
    }

    /// The URL with the token added.
    static func delivering(_ token: String, to url: String) -> String {
        let separator = url.contains("?") ? (url.hasSuffix("?") || url.hasSuffix("&") ? "" : "&") : "?"
        return "\(url)\(separator)\(parameter)=\(FormParameters.encode(token))"
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0).map { "\($0)" } == String($0) }
    }
}
