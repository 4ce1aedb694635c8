import HTTPWire
import Records
import Routing

/// The lines of `set_request_headers` where values refer to the request or its session.
enum HeaderTemplateLines {
    /// A reference without a value gives nothing; a value that cannot stand in a header makes the header empty.
    static func render(_ request: AuthorizationRequest, _ active: ActiveSession?, assertion: String?) -> [UInt8] {
        var builder = HeadBuilder()
        for (name, template) in request.route.requestHeaders.set {
            let value = template.pieces.map { piece in
                switch piece {
                case .literal(let text): text
                case .reference(let reference): resolve(reference, request, active, assertion: assertion)
                }
            }.joined()
            if !builder.field(named: name, value) { _ = builder.field(named: name, "") }
        }
        return builder.bytes
    }

    private static func resolve(
        _ reference: HeaderTemplate.Reference, _ request: AuthorizationRequest, _ active: ActiveSession?, assertion: String?
    ) -> String {
        switch reference {
        case .accessToken: active?.session.tokens.accessToken ?? ""
        case .idToken: active?.session.tokens.idToken ?? ""
        case .assertion: assertion ?? ""
        // Client certificates are not asked for yet, so there is no verified one to tell of.
        case .clientCertificateFingerprint, .clientCertificateDNSNames, .clientCertificateEmails: ""
        case .requestHeader(let name): request.head.value(named: name)?.string ?? ""
        }
    }
}
