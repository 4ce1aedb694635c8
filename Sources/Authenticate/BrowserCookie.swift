import HTTPEndpoints
import KeyMaterial
import Sessions

/// The cookie that tells one browser from the next. It says nothing about a person and grants nothing.
enum BrowserCookie {
    static let lifetime: Int64 = 365 * 86_400

    static func make(_ cookies: CookieSettings) -> (value: String, cookie: ResponseCookie) {
        let value = RandomToken.text()
        return (value, ResponseCookie(name: cookies.browserName, value: value, maxAge: lifetime, sameSite: .lax))
    }

    /// Whether the digest is that of a browser cookie in the request.
    static func matches(_ digest: String, _ request: ControlRequest, _ cookies: CookieSettings) -> Bool {
        request.cookies(named: cookies.browserName).contains {
            RandomToken.constantTimeEquals(Array(RandomToken.digest($0).utf8), Array(digest.utf8))
        }
    }
}
