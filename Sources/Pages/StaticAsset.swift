import Crypto

/// A file that pages refer to, embedded in the binary and served under `/.pomerium/`.
public struct StaticAsset: Sendable {
    public let name: String
    public let contentType: String
    public let bytes: [UInt8]
    /// A strong entity tag of RFC 9110 section 8.8.3, quotation marks included, made from the bytes.
    public let etag: String

    /// All assets, in order of name.
    public static let all: [StaticAsset] = [
        StaticAsset("apple-touch-icon.png", "image/png", PackageResources.apple_touch_icon_png),
        StaticAsset("favicon-16x16.png", "image/png", PackageResources.favicon_16x16_png),
        StaticAsset("favicon-32x32.png", "image/png", PackageResources.favicon_32x32_png),
        StaticAsset("favicon.ico", "image/vnd.microsoft.icon", PackageResources.favicon_ico),
        StaticAsset("favicon.svg", "image/svg+xml", PackageResources.favicon_svg),
    ]

    /// The asset of that exact file name, without a path.
    public static func named(_ name: String) -> StaticAsset? {
        all.first { $0.name == name }
    }

    private init(_ name: String, _ contentType: String, _ bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
        let digest = SHA256.hash(data: bytes).prefix(16)
        let digits = Array("0123456789abcdef")
        etag = "\"" + String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }) + "\""
    }
}
