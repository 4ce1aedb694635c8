public import HTTPEndpoints
public import KeyMaterial
public import Logging
public import Records

/// Every endpoint of sign-in and sign-out. They keep nothing in memory: whatever one step leaves for the next is sealed or stored, so steps may
/// be answered by different processes, before and after a restart.
public func authenticateEndpoints(
    settings: AuthenticateSettings, keys: KeyRing, store: any RecordStore, clock: WallClock,
    logger: Logger = Logger(label: "authenticate", factory: { _ in SwiftLogNoOpLogHandler() })
) -> [any ControlEndpoint] {
    let context = AuthenticateContext(settings: settings, keys: keys, store: store, clock: clock, logger: logger)
    let dispatcher = SignInDispatcher(context: context)
    return [
        // Authenticate host.
        HomeRedirectEndpoint(context: context),
        RobotsEndpoint(),
        SignInEndpoint(context: context, dispatcher: dispatcher),
        ProviderCallbackEndpoint(context: context, dispatcher: dispatcher),
        AuthenticateSignOutEndpoint(context: context),
        SignedOutEndpoint(context: context),
        // Route hosts.
        CallbackEndpoint(context: context, path: "/.pomerium/callback/"),
        CallbackEndpoint(context: context, path: "/.pomerium/callback"),
        SignOutEndpoint(context: context),
        ProgrammaticLoginEndpoint(context: context),
    ]
}
