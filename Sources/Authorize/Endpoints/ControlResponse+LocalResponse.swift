public import HTTPEndpoints
public import HTTPTypes
public import LocalReplies
public import Routing

extension ControlResponse {
    /// The same answer, for an endpoint to return.
    public init(_ local: LocalResponse) {
        self.init(status: HTTPResponse.Status(code: local.status), body: local.body)
        for (name, value) in local.headers {
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
    }
}

extension ReplyForm.Hints {
    public init(_ headers: HTTPFields) {
        func value(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
        self.init(
            userAgent: headers[.userAgent], contentType: headers[.contentType], accept: headers[.accept], fetchMode: value("sec-fetch-mode"),
            fetchDestination: value("sec-fetch-dest"), requestedWith: value("x-requested-with"))
    }
}
