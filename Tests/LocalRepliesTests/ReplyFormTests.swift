import Testing

@testable import LocalReplies

@Suite struct ReplyFormTests {
    private static let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    @Test(arguments: [
        (ReplyForm.Hints(accept: browser, fetchMode: "navigate", fetchDestination: "document"), true),
        (ReplyForm.Hints(accept: browser), true),
        (ReplyForm.Hints(accept: "*/*"), false),
        (ReplyForm.Hints(), false),
        (ReplyForm.Hints(accept: "application/json"), false),
        (ReplyForm.Hints(accept: browser, fetchMode: "cors", fetchDestination: "empty"), false),
        (ReplyForm.Hints(accept: browser, fetchMode: "navigate", fetchDestination: "iframe"), false),
        (ReplyForm.Hints(accept: browser, fetchMode: "no-cors", fetchDestination: "image"), false),
        (ReplyForm.Hints(accept: browser, requestedWith: "XmlHttpRequest"), false),
    ])
    func tellsPageLoadsFromCallsOfPrograms(_ hints: ReplyForm.Hints, _ expected: Bool) {
        #expect(hints.isNavigation == expected)
    }

    @Test(arguments: [
        (ReplyForm.Hints(accept: browser), ReplyForm.html),
        (ReplyForm.Hints(accept: "*/*"), .json),
        (ReplyForm.Hints(), .json),
        (ReplyForm.Hints(accept: "text/plain"), .plain),
        (ReplyForm.Hints(accept: "application/json, text/plain;q=0.5"), .json),
        (ReplyForm.Hints(contentType: "application/grpc"), .grpc),
        (ReplyForm.Hints(contentType: "application/grpc+proto", accept: browser), .grpc),
        (ReplyForm.Hints(contentType: "application/grpc-web+proto"), .grpcWeb(contentType: "application/grpc-web+proto")),
        (ReplyForm.Hints(contentType: "application/grpc-web-text"), .grpcWeb(contentType: "application/grpc-web-text+proto")),
        (ReplyForm.Hints(contentType: "application/grpcish"), .json),
        (ReplyForm.Hints(userAgent: "kubectl/v1.30 (linux/amd64) kubernetes/abc", accept: "application/json"), .kubernetes),
    ])
    func choosesTheFormOfTheClient(_ hints: ReplyForm.Hints, _ expected: ReplyForm) {
        #expect(ReplyForm.choose(for: hints) == expected)
    }
}
