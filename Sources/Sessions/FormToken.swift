public import HTTPEndpoints
public import KeyMaterial

/// Proof that a form was served by us to the browser that sends it: a cookie with a random value, and a field with its HMAC.
///
/// Use it together with `SameOriginCheck`. The cookie ends with the browser; a form from before then shows up as stale.
public struct FormToken: Sendable {
    /// Name of the hidden field.
    public static let field = "form_token"

    public let keys: KeyRing
    public let cookies: CookieSettings

    public init(keys: KeyRing, cookies: CookieSettings) {
        self.keys = keys
        self.cookies = cookies
    }

    /// The field's value, and the cookie to set where the browser has none yet. `form` names the form: a token of one is none for another.
    public func issue(for request: ControlRequest, form: String) -> (value: String, cookie: ResponseCookie?) {
        if let secret = secrets(of: request).first { return (code(secret, form), nil) }
        let secret = RandomToken.text()
        return (code(secret, form), ResponseCookie(name: cookies.formName, value: secret, maxAge: nil, sameSite: .lax))
    }

    /// Whether the posted field fits the browser's cookie.
    public func isPresent(in request: ControlRequest, form: String) -> Bool {
        guard let posted = request.formParameters[Self.field] else { return false }
        return secrets(of: request).contains { RandomToken.constantTimeEquals(Array(code($0, form).utf8), Array(posted.utf8)) }
    }

    private func secrets(of request: ControlRequest) -> [String] {
        request.cookies(named: cookies.formName).filter { $0.utf8.count == 22 && Base64URL.decode($0) != nil }.prefix(4).map { $0 }
    }

    private func code(_ secret: String, _ form: String) -> String {
        Base64URL.encode(keys.authenticationCode(for: Array("\(form)|\(secret)".utf8), .formToken))
    }
}
