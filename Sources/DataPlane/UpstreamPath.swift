import HTTPWire
import Routing

/// Path and host of a request as the upstream is to see them.
enum UpstreamPath {
    /// The path behind the route's rewrites; nil when an expression ran into its limits.
    static func rewritten(_ path: ByteView, by route: CompiledRoute) -> ByteView? {
        let definition = route.definition
        if let rewrite = definition.regexRewrite {
            guard let bytes = rewrite.pattern.replacing(in: path.array, with: rewrite.substitution) else { return nil }
            return rooted(bytes)
        }
        guard let prefix = definition.prefixRewrite ?? definition.toPath else { return path }
        let rest: ByteView
        switch definition.path {
        case .exact, .regex: rest = .empty
        case .prefix(let matched): rest = path.slice(matched.count..<max(matched.count, path.count))
        case .any: rest = path.first == UInt8(ascii: "/") ? path.slice(1..<path.count) : path
        }
        var bytes = Array(prefix.utf8)
        // `/` instead of nothing matched the one slash that every path begins with; a prefix without final slash needs it back.
        if case .any = definition.path, bytes.last != UInt8(ascii: "/"), !rest.isEmpty { bytes.append(UInt8(ascii: "/")) }
        bytes.append(contentsOf: rest.array)
        return rooted(bytes)
    }

    /// A request line needs a path that begins with a slash.
    private static func rooted(_ bytes: [UInt8]) -> ByteView {
        ByteView(bytes.first == UInt8(ascii: "/") ? bytes : [UInt8(ascii: "/")] + bytes)
    }

    /// The Host field; nil when it would be none. `path` is the visitor's, before any rewrite.
    static func host(for head: RequestHead, path: ByteView, route: CompiledRoute, target: RouteUpstreams.Target) -> ByteView? {
        switch route.definition.hostRewrite {
        case .preserve?: return head.hostView
        case .literal(let host)?: return checked(ByteView(host))
        case .header(let name)?: return head.value(named: name).map { checked($0) } ?? named(target, head)
        case .pathRegex(let rewrite)?:
            guard let bytes = rewrite.pattern.replacing(in: path.array, with: rewrite.substitution) else { return nil }
            return checked(ByteView(bytes))
        case nil: return named(target, head)
        }
    }

    /// A socket file has no name of its own.
    private static func named(_ target: RouteUpstreams.Target, _ head: RequestHead) -> ByteView {
        target.authority.isEmpty ? head.hostView : target.authority
    }

    /// Values that visitors have a part in must look like a host with an optional port.
    private static func checked(_ host: ByteView) -> ByteView? {
        let isHost = host.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        return isHost && !host.isEmpty && host.count <= 300 ? host : nil
    }
}
