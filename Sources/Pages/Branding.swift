import Crypto
import Foundation

/// Colours, logo and wording of the operator, checked once so that every page can use them as they are.
///
/// The style sheet depends on the colours, so its hash belongs here too; see ``contentSecurityPolicy(formAction:images:)``.
public struct Branding: Sendable, Equatable {
    /// Postern's own colours and mark.
    public static let `default` = Branding(colors: .default, logoURL: nil, faviconURL: nil, errorMessageFirstParagraph: nil)

    /// An address for the logo: a path, an `http(s)` URL, or a `data:` URL of an image.
    public let logoURL: String?
    /// An address for the favicon, of the same forms as ``logoURL``.
    public let faviconURL: String?
    /// Plain text shown first on error pages.
    public let errorMessageFirstParagraph: String?

    let styleSheet: String
    let styleHash: String

    /// Checks the values of the `branding_options` settings; an absent one keeps its default.
    ///
    /// - Throws: ``BrandingError`` for the first colour or address that is not acceptable.
    public init(
        primaryColor: String? = nil, secondaryColor: String? = nil,
        darkmodePrimaryColor: String? = nil, darkmodeSecondaryColor: String? = nil,
        logoURL: String? = nil, faviconURL: String? = nil, errorMessageFirstParagraph: String? = nil
    ) throws(BrandingError) {
        func color(_ setting: String, _ value: String?) throws(BrandingError) -> BrandColor? {
            guard let value, !value.isEmpty else { return nil }
            guard let color = BrandColor(value) else {
                throw BrandingError(setting: setting, value: value, message: "expected a colour of the form #rgb or #rrggbb")
            }
            return color
        }
        func address(_ setting: String, _ value: String?) throws(BrandingError) -> String? {
            guard let value, !value.isEmpty else { return nil }
            guard value.utf8.count <= 65_536, let accepted = LinkTarget.acceptedImage(value) else {
                throw BrandingError(
                    setting: setting, value: String(value.prefix(100)),
                    message: "expected a path, an http(s) URL or a data URL of an image, of 65536 bytes at most")
            }
            return accepted
        }
        let primary = try color("primary_color", primaryColor)
        let secondary = try color("secondary_color", secondaryColor)
        let colors = BrandColors(
            primary: primary ?? BrandColors.default.primary,
            secondary: secondary ?? BrandColors.default.secondary,
            // An operator who sets only the light colours expects to see them in the dark as well.
            darkPrimary: try color("darkmode_primary_color", darkmodePrimaryColor) ?? primary ?? BrandColors.default.darkPrimary,
            darkSecondary: try color("darkmode_secondary_color", darkmodeSecondaryColor) ?? secondary ?? BrandColors.default.darkSecondary)
        self.init(
            colors: colors, logoURL: try address("logo_url", logoURL), faviconURL: try address("favicon_url", faviconURL),
            errorMessageFirstParagraph: errorMessageFirstParagraph)
    }

    private init(colors: BrandColors, logoURL: String?, faviconURL: String?, errorMessageFirstParagraph: String?) {
        self.logoURL = logoURL
        self.faviconURL = faviconURL
        self.errorMessageFirstParagraph = errorMessageFirstParagraph
        styleSheet = colors.rules + String(decoding: PackageResources.style_css, as: UTF8.self)
        styleHash = Data(SHA256.hash(data: Data(styleSheet.utf8))).base64EncodedString()
    }
}

/// A branding setting that cannot be used.
public struct BrandingError: Error, Equatable, CustomStringConvertible {
    /// The name of the setting, such as `primary_color`.
    public let setting: String
    /// The refused value, shortened to 100 characters.
    public let value: String
    /// What was expected, in lower case without a final period.
    public let message: String

    public var description: String { "\(setting): \(message), not \"\(value)\"" }
}

/// The four colours of the branding and what pages derive from them.
struct BrandColors: Equatable {
    var primary: BrandColor
    var secondary: BrandColor
    var darkPrimary: BrandColor
    var darkSecondary: BrandColor

    static let `default` = BrandColors(
        primary: BrandColor(red: 0x1F, green: 0x5F, blue: 0x8B), secondary: BrandColor(red: 0x2F, green: 0x8F, blue: 0x83),
        darkPrimary: BrandColor(red: 0x7C, green: 0xBB, blue: 0xE8), darkSecondary: BrandColor(red: 0x5F, green: 0xC7, blue: 0xB8))

    /// The card backgrounds of style.css, against which links must be readable.
    private static let lightCard = BrandColor.white
    private static let darkCard = BrandColor(red: 0x18, green: 0x1D, blue: 0x25)

    var rules: String {
        let light = Self.properties(primary, secondary, link: primary.readable(on: Self.lightCard, towards: .black))
        let dark = Self.properties(darkPrimary, darkSecondary, link: darkPrimary.readable(on: Self.darkCard, towards: .white))
        return ":root{\(light)}@media (prefers-color-scheme:dark){:root{\(dark)}}\n"
    }

    private static func properties(_ primary: BrandColor, _ secondary: BrandColor, link: BrandColor) -> String {
        "--primary:\(primary);--on-primary:\(primary.foreground);--accent:\(secondary);--link:\(link)"
    }
}
