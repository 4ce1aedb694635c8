import HTTPTypes

/// Reads what a provider's servers answer, and tells apart why they did not answer well.
enum ProviderAnswer {
    /// The JSON object of a successful answer.
    static func object(from transport: any HTTPTransport, _ request: TransportRequest) async throws -> [String: JSONValue] {
        let response = try await send(request, over: transport)
        guard response.isSuccess else { throw failure(response, at: request.url) }
        guard let members = JSONValue.object(from: response.body) else {
            throw IdentityProviderError.misconfigured("\(shown(request.url)) does not answer with a JSON object")
        }
        return members
    }

    /// Faults of the way, and server errors, become `unreachable`.
    static func send(_ request: TransportRequest, over transport: any HTTPTransport) async throws -> TransportResponse {
        let response: TransportResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw IdentityProviderError.unreachable("\(error)")
        }
        guard response.status < 500, response.status != 429 else {
            throw IdentityProviderError.unreachable("\(shown(request.url)) answers with status \(response.status)")
        }
        return response
    }

    /// The error of an answer that is neither a success nor a server error (RFC 6749 section 5.2).
    static func failure(_ response: TransportResponse, at url: String) -> IdentityProviderError {
        let members = JSONValue.object(from: response.body) ?? [:]
        guard let code = members["error"]?.text, !code.isEmpty else {
            return .refused(code: "status \(response.status)", description: shown(url))
        }
        let description = members["error_description"]?.text ?? ""
        return code == "invalid_grant"
            ? .grantRefused(code: code, description: description) : .refused(code: String(code.prefix(100)), description: description)
    }

    /// Without query, which may hold secrets.
    static func shown(_ url: String) -> String {
        String(url.prefix { $0 != "?" && $0 != "#" }.prefix(200))
    }
}
