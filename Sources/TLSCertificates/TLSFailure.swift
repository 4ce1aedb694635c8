import Foundation
public import NIOSSL

/// Why a TLS connection to an upstream did not come about, in terms that lead to the remedy.
public enum TLSFailure: Error, Sendable, Equatable {
    /// No trusted authority vouches for the upstream's certificate.
    case untrustedIssuer
    /// The certificate is trusted, but for other names.
    case nameMismatch
    case expired
    /// The upstream wants a client certificate, or another one.
    case clientCertificateRequired
    /// Anything else; the text says what.
    case handshake(String)

    /// Lower case, no final period.
    public var explanation: String {
        switch self {
        case .untrustedIssuer: "the upstream's certificate is signed by an authority that is not trusted"
        case .nameMismatch: "the upstream's certificate is for another name"
        case .expired: "the upstream's certificate has expired or is not valid yet"
        case .clientCertificateRequired: "the upstream wants a client certificate that it trusts"
        case .handshake(let text): text
        }
    }

    /// Nil for errors that are not about TLS.
    ///
    /// `peer` is the certificate that the upstream showed, if it came that far (`NIOSSLHandler.peerCertificate`): with it an expired
    /// certificate can be told from an untrusted one. `now` is unix seconds.
    public static func classify(_ error: any Error, peer: NIOSSLCertificate? = nil, now: Int64? = nil) -> TLSFailure? {
        switch error {
        case let failure as TLSFailure: return failure
        case let extra as NIOSSLExtraError:
            if extra == .failedToValidateHostname || extra == .serverHostnameImpossibleToMatch { return .nameMismatch }
            return .handshake("the upstream's name cannot be used for TLS")
        case NIOSSLError.handshakeFailed(let inner): return classify(inner, peer: peer, now: now)
        case NIOSSLError.noCertificateToValidate: return .handshake("the upstream showed no certificate")
        case NIOSSLError.unableToValidateCertificate: return untrusted(peer, now)
        case let inner as BoringSSLError:
            switch inner {
            case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack):
                return classify(stack, peer: peer, now: now)
            case .syscallError, .zeroReturn: return .handshake("the upstream closed the connection during the TLS handshake")
            default: return .handshake("the TLS handshake with the upstream failed")
            }
        default: return nil
        }
    }

    private static func classify(_ stack: NIOBoringSSLErrorStack, peer: NIOSSLCertificate?, now: Int64?) -> TLSFailure {
        if stack.contains(.eofDuringHandshake) { return .handshake("the upstream closed the connection during the TLS handshake") }
        let reasons = stack.map { reason($0.description) }
        for reason in reasons {
            switch reason {
            case "CERTIFICATE_VERIFY_FAILED": return untrusted(peer, now)
            case "TLSV1_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_NO_CERTIFICATE", "SSLV3_ALERT_BAD_CERTIFICATE", "TLSV1_ALERT_UNKNOWN_CA",
                "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_EXPIRED",
                "SSLV3_ALERT_CERTIFICATE_REVOKED", "TLSV1_ALERT_ACCESS_DENIED":
                return .clientCertificateRequired
            case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST":
                return .handshake("the upstream does not speak TLS on this port; use http:// if it speaks plain HTTP")
            case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION":
                return .handshake("the upstream speaks no TLS version from 1.2 on")
            case "SSLV3_ALERT_HANDSHAKE_FAILURE":
                return .handshake("the upstream refused the TLS handshake; it may want a client certificate or other ciphers")
            case "TLSV1_UNRECOGNIZED_NAME", "TLSV1_ALERT_UNRECOGNIZED_NAME":
                return .handshake("the upstream does not know the server name that was sent; set tls_upstream_server_name")
            case "NO_APPLICATION_PROTOCOL", "TLSV1_ALERT_NO_APPLICATION_PROTOCOL":
                return .handshake("the upstream speaks none of the offered HTTP versions")
            default: continue
            }
        }
        let words = reasons.filter { !$0.isEmpty }.map { $0.lowercased().split(separator: "_").joined(separator: " ") }
        return .handshake("the TLS handshake with the upstream failed" + (words.isEmpty ? "" : ": \(words.joined(separator: ", "))"))
    }

    private static func untrusted(_ peer: NIOSSLCertificate?, _ now: Int64?) -> TLSFailure {
        guard let peer, let now else { return .untrustedIssuer }
        return Int64(peer.notValidAfter) < now || Int64(peer.notValidBefore) > now ? .expired : .untrustedIssuer
    }

    /// The library's name for the reason, out of a text that also holds numbers and source lines.
    private static func reason(_ description: String) -> String {
        guard let marker = description.range(of: "OPENSSL_internal:") else { return "" }
        return String(description[marker.upperBound...].prefix { $0 != " " })
    }
}
