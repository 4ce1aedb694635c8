/// The portal: the applications that the user may open. Which those are is for the caller to decide.
public struct RoutesPage: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public var name: String
        /// The public address; a link when it is an http(s) URL.
        public var from: String
        public var description: String?
        /// A picture of the application; shown when it is a path, an http(s) URL or a `data:` URL of an image.
        public var logoURL: String?
        /// The command that opens a TCP or UDP route.
        public var connectCommand: String?

        public init(name: String, from: String, description: String? = nil, logoURL: String? = nil, connectCommand: String? = nil) {
            self.name = name
            self.from = from
            self.description = description
            self.logoURL = logoURL
            self.connectCommand = connectCommand
        }
    }

    public var routes: [Entry]
    public var signedInAs: String?
    public var requestID: String?

    public init(routes: [Entry], signedInAs: String? = nil, requestID: String? = nil) {
        self.routes = routes
        self.signedInAs = signedInAs
        self.requestID = requestID
    }

    /// Where the pictures come from, for ``Branding/contentSecurityPolicy(formAction:images:)``.
    public var imageSources: [String] { routes.compactMap(\.logoURL).compactMap(LinkTarget.acceptedImage).compactMap(LinkTarget.origin) }

    public func render(branding: Branding = .default) -> String {
        var model = PageModel(title: "Your applications", requestID: requestID)
        model.set("signedInAs", signedInAs)
        model.set(
            "routes",
            list: routes.map { route in
                var row = PageModel.row([
                    "description": route.description, "link": LinkTarget.accepted(route.from), "connectCommand": route.connectCommand,
                    "picture": route.logoURL.flatMap(LinkTarget.acceptedImage),
                ])
                row["name"] = route.name.isEmpty ? route.from : route.name
                row["from"] = route.from
                return row
            }, flag: "hasRoutes")
        return TemplateCatalog.routes.render(model, branding: branding)
    }
}
