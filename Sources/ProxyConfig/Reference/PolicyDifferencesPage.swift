/// Where policies do something else than in Pomerium.
enum PolicyDifferencesPage {
    private struct Difference {
        var matter: String
        var there: String
        var here: String
    }

    static var text: String {
        var text = """
            # Policies: differences from Pomerium

            Grammar, criteria, matchers, reason codes, error texts and the order of decisions are those of Pomerium's policy language. What follows differs on
            purpose. The column about Pomerium is read from its source and documents of August 2026; not everything was tried out.

            | matter | Pomerium | Postern |
            |---|---|---|

            """
        for difference in all { text += "| \(difference.matter) | \(difference.there) | \(difference.here) |\n" }
        return text
    }

    private static let all: [Difference] = [
        Difference(
            matter: "negative tests without a session: `email: {not: x}`, `claim/x: {exclude: y}`, `device: {approved: false}`",
            there: "pass with empty data, so a visitor without a session is let in", here: "false with `user-unauthenticated`, which leads to sign-in"
        ),
        Difference(matter: "empty matcher `{}`", there: "matches everything", here: "an error when the policy is read"),
        Difference(
            matter: "`client_certificate`", there: "reads the certificate without validating it",
            here: "the certificate must be valid; where no authority is configured, only `fingerprint` and `spki_hash` can match"),
        Difference(
            matter: "`invalid_client_certificate` without any authority", there: "never passes, silently", here: "never passes, with a warning"),
        Difference(
            matter: "list of values where one is expected: `email: [a, b]`, `claim/x: [a, b]`",
            there: "compares with the list as a whole, never matches",
            here: "any of them; under `not`, `not_in` and `exclude` none of them"),
        Difference(matter: "`not_in` on a certificate's names", there: "cannot be compiled", here: "no name may be in the list"),
        Difference(
            matter: "`domain`", there: "between the first and the second `@`, letter case counts",
            here: "behind the last `@`, letter case does not count"),
        Difference(
            matter: "malformed percent escape in the path", there: "the policy sees an empty path, so a deny rule on a path is passed",
            here: "400 before any policy"),
        Difference(matter: "`and` beside `not` in one rule", there: "alternatives, silently", here: "alternatives, with a warning"),
        Difference(
            matter: "`source-address` of an SSH certificate", there: "read over", here: "enforced: the client's address must be in its list"),
        Difference(
            matter: "`ssh_username_matches_email` with an empty user name", there: "passes for somebody without an address", here: "never passes"),
        Difference(
            matter: "a policy that cannot be compiled", there: "blocks every other change of policies on reload, while the rest moves on",
            here: "at the start the file is refused, with position and help; on reload its route answers 503 and everything else goes on"),
        Difference(matter: "problems of a policy", there: "the first one", here: "all of them, with file, line and column, and a suggestion"),
        Difference(
            matter: "a key that is no string", there: "`json: unsupported type: map[interface {}]interface {}`",
            here: "`a mapping key must be a string`, with its position"),
        Difference(
            matter: "JSON that is cut short or followed by more", there: "`unexpected EOF`, `unexpected additional json value: offset=N`",
            here: "the words of the YAML reader, with the position"),
        Difference(
            matter: "`contains`, `starts_with`, `ends_with` with something else than a string", there: "`rego_type_error` when the route is built",
            here: "`contains requires a string`, when the policy is read"),
        Difference(
            matter: "`day_of_week`, `time_of_day`, `date`, `record`",
            there: "in paid editions; time zone of `day_of_week` and windows over midnight not stated",
            here: "included; UTC unless a zone is given, `{is: …, timezone: …}`; a window whose `after` is later than its `before` runs over midnight"
        ),
        Difference(
            matter: "list of applications", there: "an approximation that reads over deny rules and some criteria",
            here: "the same engine as for requests"),
        Difference(
            matter: "records that change or are revoked", there: "seen after up to a minute", here: "seen at once, running streams included"),
        Difference(matter: "a route without any policy", there: "403 for everybody, anonymous visitors too", here: "the same"),
        Difference(matter: "Rego", there: "sub policies and custom scripts", here: "not supported; a configuration that has them is refused"),
    ]
}
