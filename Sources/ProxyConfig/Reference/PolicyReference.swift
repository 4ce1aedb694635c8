/// What the reference says of each criterion, beside what the catalog knows.
struct PolicyReference: Sendable {
    var name: String
    /// What stands behind the key.
    var data: String
    /// Effect and limits.
    var text: String
    var codeIfTrue: String
    var codeIfFalse: String
    /// A whole policy.
    var example: String

    static let all: [PolicyReference] = [
        PolicyReference(
            name: "accept", data: "anything", text: "Always passes, whatever its value, `false` included.", codeIfTrue: "accept", codeIfFalse: "–",
            example: "allow: {and: [accept: true]}"),
        PolicyReference(
            name: "reject", data: "anything", text: "Never passes, whatever its value.", codeIfTrue: "–", codeIfFalse: "reject",
            example: "allow: {and: [{email: ann@example.com}, {reject: true}]}"),
        PolicyReference(
            name: "authenticated_user", data: "anything", text: "A session with a user.", codeIfTrue: "user-ok", codeIfFalse: "user-unauthorized",
            example: "allow: {and: [authenticated_user: true]}"),
        PolicyReference(
            name: "user", data: "string matcher", text: "The user's id: the subject that the identity provider gave.", codeIfTrue: "user-ok",
            codeIfFalse: "user-unauthorized", example: "allow: {or: [user: 00u1abcd]}"),
        PolicyReference(
            name: "email", data: "string matcher",
            text: "The e-mail address of the directory record, else of the user. Somebody without one has an empty text. Letter case counts.",
            codeIfTrue: "email-ok", codeIfFalse: "email-unauthorized", example: "allow: {or: [email: {in: [ann@example.com, bob@example.com]}]}"),
        PolicyReference(
            name: "domain", data: "string matcher",
            text: "What follows the last `@` of the e-mail address, without regard to letter case. Without an `@` nothing passes, `not` included.",
            codeIfTrue: "domain-ok", codeIfFalse: "domain-unauthorized", example: "allow: {or: [domain: example.com]}"),
        PolicyReference(
            name: "claim", data: "string-list matcher",
            text:
                "Values of a claim, named behind a slash. Claims of the user win over those of the session. Objects inside a token are flattened with dots: `claim/address.country` and `claim/address/country` are the same. A claim that is not there is an empty list.",
            codeIfTrue: "claim-ok", codeIfFalse: "claim-unauthorized", example: "allow: {or: [claim/department: engineering]}"),
        PolicyReference(
            name: "groups", data: "string-list matcher",
            text: "The ids of the user's groups. Without a directory record nothing passes, `exclude` included.", codeIfTrue: "groups-ok",
            codeIfFalse: "groups-unauthorized", example: "allow: {or: [groups: {has: admins}]}"),
        PolicyReference(
            name: "http_method", data: "string matcher", text: "The request's method, in capitals.", codeIfTrue: "http-method-ok",
            codeIfFalse: "http-method-unauthorized", example: "allow: {and: [{authenticated_user: true}, {http_method: {in: [GET, HEAD]}}]}"),
        PolicyReference(
            name: "http_path", data: "string matcher",
            text: "The normalised path without its query, percent-decoded once. A malformed escape is refused with 400 before any policy.",
            codeIfTrue: "http-path-ok", codeIfFalse: "http-path-unauthorized",
            example: "allow: {and: [authenticated_user: true]}\ndeny: {and: [http_path: {starts_with: /admin}]}"),
        PolicyReference(
            name: "cors_preflight", data: "anything",
            text: "An `OPTIONS` request with `Origin` and `Access-Control-Request-Method`, neither of them empty.", codeIfTrue: "cors-request",
            codeIfFalse: "non-cors-request", example: "allow: {or: [{cors_preflight: true}, {authenticated_user: true}]}"),
        PolicyReference(
            name: "source_ip", data: "address, CIDR block, or a list of them",
            text:
                "The client's address, after `xff_num_trusted_hops` was applied. Bits behind a prefix are ignored, `::ffff:10.0.0.1` is `10.0.0.1`; leading zeros and zones are errors.",
            codeIfTrue: "source-ip-ok", codeIfFalse: "source-ip-unauthorized", example: "deny: {not: [source_ip: [10.0.0.0/8, 2001:db8::/32]]}"),
        PolicyReference(
            name: "client_certificate", data: "certificate matcher",
            text: "The client's TLS certificate, which its authority must have found valid.", codeIfTrue: "client-certificate-ok",
            codeIfFalse: "client-certificate-unauthorized", example: "allow: {and: [client_certificate: {san_dns: {ends_with: .pc.example.com}}]}"),
        PolicyReference(
            name: "invalid_client_certificate", data: "anything",
            text: "No client certificate, or one that is not valid. Where no authority is configured, nothing is invalid.",
            codeIfTrue: "client-certificate-required, invalid-client-certificate", codeIfFalse: "valid-client-certificate",
            example: "deny: {or: [invalid_client_certificate: true]}"),
        PolicyReference(
            name: "device", data: "object with `is`, `type`, `approved`",
            text:
                "The device that the session proved to possess: the first of the very `type` (`any` unless given; `enclave_only` does not stand for `any`). `approved` wants an approved or, when false, an unapproved one; `is` the id of a credential. Without device or enrolment the visitor is sent to register one.",
            codeIfTrue: "device-ok", codeIfFalse: "device-unauthorized, device-unauthenticated",
            example: "allow: {and: [{domain: example.com}, {device: {type: any, approved: true}}]}"),
        PolicyReference(
            name: "mcp_tool", data: "string matcher", text: "The tool of a `tools/call` of the Model Context Protocol. Nothing else is a tool call.",
            codeIfTrue: "mcp-tool-match", codeIfFalse: "mcp-tool-no-match, mcp-not-a-tool-call",
            example: "allow: {and: [authenticated_user: true]}\ndeny: {and: [mcp_tool: {starts_with: delete_}]}"),
        PolicyReference(
            name: "date", data: "object with `after`, `before`",
            text:
                "The moment of the request lies strictly between. Texts are ISO 8601; without a zone they are UTC, a date alone is its midnight in UTC.",
            codeIfTrue: "date-ok", codeIfFalse: "date-unauthorized",
            example: "allow: {and: [{email: ann@example.com}, {date: {before: 2026-12-31T17:00:00Z}}]}"),
        PolicyReference(
            name: "day_of_week", data: "`*`, `mon,wed,fri`, `mon-fri`, or an object with `is` and `timezone`",
            text:
                "The weekday of the request, in UTC unless `timezone` says otherwise. Ranges may run over the end of the week (`sat-mon`); any letter case.",
            codeIfTrue: "day-of-week-ok", codeIfFalse: "day-of-week-unauthorized",
            example: "allow: {and: [{domain: example.com}, {day_of_week: {is: mon-fri, timezone: Europe/Berlin}}]}"),
        PolicyReference(
            name: "time_of_day", data: "object with `timezone`, `after`, `before`",
            text:
                "The wall-clock time lies strictly between, such as `9 AM`, `4:30 PM`, `16:30` or `16:30:15`. Where `after` is later than `before`, the window runs over midnight. `timezone` is an IANA name and has no default.",
            codeIfTrue: "time-of-day-ok", codeIfFalse: "time-of-day-unauthorized",
            example: "allow: {and: [{domain: example.com}, {time_of_day: {timezone: Europe/Berlin, after: 8 AM, before: 6 PM}}]}"),
        PolicyReference(
            name: "record", data: "object with `type`, `field` and operators",
            text:
                "A field of the record that an external data source holds for the user (`user.id`, `user.email`), the address (`request.ip`, the narrowest block counts) or the certificate. Operators are those of both matchers, `<`, `<=`, `=`, `>`, `>=` for numbers, and `exists`. Without record or field only `exists: false` passes.",
            codeIfTrue: "record-ok", codeIfFalse: "record-unauthorized",
            example: "allow: {and: [record: {type: hr, field: level, \">=\": 3}]}"),
        PolicyReference(
            name: "ssh_username", data: "string matcher", text: "The user name that the SSH client asks for; empty outside of SSH.",
            codeIfTrue: "ssh-username-ok", codeIfFalse: "ssh-username-unauthorized", example: "allow: {and: [ssh_username: {in: [deploy, ops]}]}"),
        PolicyReference(
            name: "ssh_username_matches_email", data: "anything", text: "The SSH user name is what precedes the `@` of the e-mail address.",
            codeIfTrue: "ssh-username-ok", codeIfFalse: "ssh-username-unauthorized", example: "allow: {and: [ssh_username_matches_email: true]}"),
        PolicyReference(
            name: "ssh_username_matches_claim", data: "name of a claim", text: "The SSH user name is among the values of the claim.",
            codeIfTrue: "ssh-username-ok", codeIfFalse: "ssh-username-unauthorized", example: "allow: {and: [ssh_username_matches_claim: login]}"),
        PolicyReference(
            name: "ssh_publickey", data: "line of authorized_keys, or a list of them",
            text: "The SSH client's key is one of these; options and comments of a line do not count.", codeIfTrue: "ssh-publickey-ok",
            codeIfFalse: "ssh-publickey-unauthorized",
            example: "allow: {and: [ssh_publickey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGojV909Z4NGENtaktw6arAAEAaH5Te3ZnyOzM3yvD3N]}"),
        PolicyReference(
            name: "ssh_ca", data: "line of authorized_keys, or a list of them",
            text:
                "The SSH client shows a user certificate of one of these authorities: in its validity, for this user or for everybody, with a good signature, from an address of its `source-address`, without any other critical option.",
            codeIfTrue: "ssh-publickey-ok", codeIfFalse: "ssh-publickey-unauthorized",
            example: "allow: {and: [ssh_ca: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGojV909Z4NGENtaktw6arAAEAaH5Te3ZnyOzM3yvD3N]}"),
    ]
}
