import HTTPEndpoints
import HTTPWire
import Observability
import Routing

/// Answers that need no application: `redirect` and `response` of a route, and the port that only leads to https.
extension RequestPipeline {
    func direct(_ response: DirectResponse) -> LocalResponse {
        LocalResponse(
            status: response.status, headers: [("content-type", "text/plain; charset=utf-8"), ("x-content-type-options", "nosniff")],
            body: Array(response.body.utf8), detail: ResponseCodeDetail.directResponse.rawValue)
    }

    /// Parts that the action does not name are those of the request.
    func redirect(_ action: RedirectAction) -> LocalResponse {
        let received = isTLS || route?.from.scheme != .http ? "https" : "http"
        let scheme = action.schemeRedirect ?? (action.httpsRedirect ? "https" : received)
        let name = action.hostRedirect ?? head.hostName.string
        var port = action.portRedirect ?? head.port
        // The standard port of the old scheme says nothing about the new one.
        if action.portRedirect == nil, scheme != received, port == 80 || port == 443 { port = nil }
        let isStandard = (scheme == "https" && port == 443) || (scheme == "http" && port == 80)
        var location = "\(scheme)://\(name)"
        if let port, !isStandard { location += ":\(port)" }
        location += redirectPath(action)
        guard location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return LocalResponse(status: 500, detail: ResponseCodeDetail.internalError.rawValue)
        }
        return LocalResponse(
            status: (300...399).contains(action.responseCode) ? action.responseCode : 301, headers: [("location", location)],
            detail: ResponseCodeDetail.directResponse.rawValue)
    }

    private func redirectPath(_ action: RedirectAction) -> String {
        var target = path.string
        if let replacement = action.pathRedirect {
            target = replacement
        } else if let replacement = action.prefixRewrite {
            target = replacement + target.dropFirst(matchedPrefixCount)
        }
        if !target.hasPrefix("/") { target = "/" + target }
        // A second slash at the front could be read as another host.
        while target.hasPrefix("//") { target.removeFirst() }
        guard !action.stripQuery, head.query != nil, !target.contains("?") else { return target }
        return "\(target)?\(head.queryView.string)"
    }

    /// Bytes of the path that the route's matcher stands for; the whole path for exact and regular expressions.
    private var matchedPrefixCount: Int {
        switch route?.definition.path {
        case .prefix(let prefix)?: prefix.count
        case .exact?, .regex?: path.count
        case .any?, nil: 1
        }
    }

    func redirectToHTTPS(port: UInt16, router: EndpointRouter?) {
        if let router, router.endpoint(host: head.hostName.string.lowercased(), path: head.pathView.string) != nil {
            return answerWithEndpoint(of: router)
        }
        guard head.targetForm == .origin || head.targetForm == .absolute else { return answer(ProxyReply.notFound) }
        let authority = port == 443 ? head.hostName.string : "\(head.hostName.string):\(port)"
        answer(
            LocalResponse(
                status: 301, headers: [("location", "https://\(authority)\(head.originTargetView.string)")],
                detail: ResponseCodeDetail.directResponse.rawValue))
    }
}
