import HTTPEndpoints
import HTTPTypes
import Sessions

/// `/.pomerium/sign_in` on the authenticate host: a browser that a route host sent here, or one that comes by itself.
struct SignInEndpoint: ControlEndpoint {
    let context: AuthenticateContext
    let dispatcher: SignInDispatcher

    var pattern: EndpointPattern { EndpointPattern(.exact(SignInLocation.path), on: .authenticate) }
    var methods: [HTTPRequest.Method] { [.get] }

    func respond(to request: ControlRequest) async throws -> ControlResponse {
        try await context.answering(request) {
            // An unreadable request loses the target, nothing else.
            let target = request.queryParameters[SignInRequest.parameter].flatMap { SignInRequest.open($0, with: context.keys) }
            return try await dispatcher.next(target, restarts: target?.restarts ?? 0, request: request)
        }
    }
}
