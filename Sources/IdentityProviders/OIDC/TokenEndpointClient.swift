import Foundation
import HTTPEndpoints
import HTTPTypes

/// Speaks to a token or revocation endpoint in the name of the client (RFC 6749 sections 2.3 and 3.2).
struct TokenEndpointClient: Sendable {
    enum Method: Sendable, Equatable {
        case basic
        case post
        /// A public client: its id alone.
        case none
    }

    let clientID: String
    let clientSecret: String
    let method: Method
    let transport: any HTTPTransport

    /// Basic where the provider is silent or offers it.
    static func method(advertised: [String], clientSecret: String) -> Method {
        if clientSecret.isEmpty { return .none }
        return advertised.isEmpty || advertised.contains("client_secret_basic") || !advertised.contains("client_secret_post") ? .basic : .post
    }

    /// The JSON object of a successful answer.
    func post(to endpoint: String, _ parameters: KeyValuePairs<String, String>) async throws -> [String: JSONValue] {
        let response = try await send(to: endpoint, parameters)
        guard let members = JSONValue.object(from: response.body) else {
            throw IdentityProviderError.misconfigured("\(ProviderAnswer.shown(endpoint)) does not answer with a JSON object")
        }
        // Some providers report errors with status 200.
        if members["error"]?.text != nil { throw ProviderAnswer.failure(response, at: endpoint) }
        return members
    }

    /// Any successful answer.
    func send(to endpoint: String, _ parameters: KeyValuePairs<String, String>) async throws -> TransportResponse {
        var form = FormParameters(parameters)
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"]
        switch method {
        case .basic:
            // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
            let credentials = "\(FormParameters.encode(clientID)):\(FormParameters.encode(clientSecret))"
            headers[.authorization] = "Basic \(Data(credentials.utf8).base64EncodedString())"
        case .post:
            form.append("client_id", clientID)
            form.append("client_secret", clientSecret)
        case .none:
            form.append("client_id", clientID)
        }
        let response = try await ProviderAnswer.send(
            TransportRequest(method: .post, url: endpoint, headers: headers, body: Array(form.encoded.utf8)), over: transport)
        guard response.isSuccess else { throw ProviderAnswer.failure(response, at: endpoint) }
        return response
    }

    /// RFC 6750 section 2.1: what may stand behind `Bearer`.
    static func isBearerToken(_ token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
