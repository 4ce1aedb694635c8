import Mustache

/// Every page template, embedded in the binary and parsed once.
enum TemplateCatalog: String, CaseIterable {
    case layout
    case error
    case userInfo
    case signInForm
    case signOutConfirm
    case signedOut
    case cookiesRequired
    case verify
    case routes

    /// A template that does not parse is left out; its page then falls back to ``fallback(title:text:)``.
    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
        var library = MustacheLibrary()
        for template in allCases {
            try? library.register(template.parsed(), named: template.rawValue)
        }
        return library
    }()

    private var source: [UInt8] {
        switch self {
        case .layout: PackageResources.layout_mustache
        case .error: PackageResources.error_mustache
        case .userInfo: PackageResources.user_info_mustache
        case .signInForm: PackageResources.sign_in_form_mustache
        case .signOutConfirm: PackageResources.sign_out_confirm_mustache
        case .signedOut: PackageResources.signed_out_mustache
        case .cookiesRequired: PackageResources.cookies_required_mustache
        case .verify: PackageResources.verify_mustache
        case .routes: PackageResources.routes_mustache
        }
    }

    /// The content type is reset at each partial, so every template, the layout included, starts by choosing ours.
    func parsed() throws -> MustacheTemplate {
        MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
        return try MustacheTemplate(string: "{{% CONTENT_TYPE: \(HTMLEscaping.name)}}" + String(decoding: source, as: UTF8.self))
    }

    func render(_ model: PageModel, branding: Branding) -> String {
        var values = model.values
        values["styleSheet"] = branding.styleSheet
        values["logoURL"] = branding.logoURL
        values["faviconURL"] = branding.faviconURL
        guard let page = Self.library.render(values, withTemplate: rawValue), !page.isEmpty else {
            return Self.fallback(title: model.title, text: model.text)
        }
        return page
    }

    /// What is left when a template is broken: still escaped, still valid HTML.
    static func fallback(title: String, text: String) -> String {
        let title = HTMLEscaping.escape(title)
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title></head>\
            <body><h1>\(title)</h1><p>\(HTMLEscaping.escape(text))</p></body></html>

            """
    }
}
