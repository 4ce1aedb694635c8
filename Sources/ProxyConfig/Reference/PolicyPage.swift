import PolicyCriteria
import PolicyLanguage

/// The reference of the policy language, made from the catalog of criteria.
enum PolicyPage {
    static var text: String {
        var text = head
        text += "\n## Criteria\n\n| name | what it looks at | data | code if it passes | code if not | needs a session |\n|---|---|---|---|---|---|\n"
        for type in CriterionCatalog.standard.criteria {
            guard let entry = PolicyReference.all.first(where: { $0.name == type.name }) else { continue }
            let key = type.name == "claim" ? "claim/NAME" : type.name
            text +=
                "| [`\(key)`](#\(type.name)) | \(type.summary) | \(entry.data) | \(codes(entry.codeIfTrue)) | \(codes(entry.codeIfFalse)) | \(type.needsSession ? "yes" : "no") |\n"
        }
        text += "\nA criterion that needs a session and finds none is false with the code `user-unauthenticated`, whatever its matcher says.\n"
        for type in CriterionCatalog.standard.criteria {
            guard let entry = PolicyReference.all.first(where: { $0.name == type.name }) else { continue }
            text += "\n### `\(type.name)`\n\nData: \(entry.data). \(entry.text)\n\n```yaml\n\(entry.example)\n```\n"
        }
        text += "\n" + tail
        return text
    }

    private static func codes(_ text: String) -> String {
        text == "–" ? text : text.split(separator: ", ").map { "`\($0)`" }.joined(separator: ", ")
    }

    private static let head = """
        # Policy language

        Who may use a route: the value of its [`policy`](route-options.md#policy). For an introduction see [the guide](../guides/policy.md), for what
        differs from Pomerium [differences](policy-differences.md).

        ## Grammar

        ```yaml
        policy:                       # one rule object, or a list of them
          - allow:                    # or deny; an object may have both
              and:                    # or, not, nor: each a list of criteria
                - domain: example.com # a criterion is an object with exactly one key
                - claim/role:         # name/sub-path, cut at the first slash
                    has: admin        # operators of the criterion's matcher
            deny:
              or:
                - source_ip: 192.0.2.0/24
        ```

        YAML and JSON are read alike. Anchors, aliases and merge keys work; a key that is there twice is an error. Limits: 1 MiB, 100 levels, 100 000
        values with aliases expanded. Conditionals cannot be nested. `action` inside a rule is read over.

        | conditional | is true when | codes when true | codes when false |
        |---|---|---|---|
        | `and` | all criteria are true | all | those of the false ones |
        | `or` | any is true | those of the true ones | all |
        | `not` | all are false (the opposite of `or`) | all | those of the true ones |
        | `nor` | any is false (the opposite of `and`) | those of the false ones | all |

        Several conditionals of a rule, and several rules of one action, are alternatives: one of them is enough. `and` beside `not` is therefore *not*
        "and not", and is warned about. An empty list is never true and has no codes; a policy without any criterion refuses everybody with 403.
        Order never matters. Allow and deny are computed apart from one another.

        ## Decision

        The first that applies:

        | # | what | outcome |
        |---|---|---|
        | 1 | the deny side has `client-certificate-required` or `invalid-client-certificate` | `client_certificate` (495) |
        | 2 | either side has `user-unauthenticated`, whatever allow and deny are | `login` |
        | 3 | either side has `device-unauthenticated` | `device_enrollment` |
        | 4 | deny is true | refused with the codes of the deny side |
        | 5 | allow is true | `allowed` |
        | 6 | – | refused with the codes of the allow side |

        A refusal is `device_unauthorized` (450) with `device-unauthorized` among its codes, `not_found` (404) with `route-not-found`, `client_certificate` with
        one of the codes of row 1, else `forbidden` (403). Requests of the Model Context Protocol get `mcp_error` (a JSON-RPC error) instead of
        `forbidden` where they name a method, `mcp_unauthorized` (401) where they do not.

        ## Matchers

        **String matcher.** A scalar is short for `is`, a list for `in`. Several operators must all hold; an empty object is an error.

        | operator | value | passes when the text |
        |---|---|---|
        | `is` | any | equals it. Equality is typed: `3` never equals `"3"`, which is warned about. A list means any of it |
        | `not` | any | differs; from every value of a list |
        | `in`, `not_in` | list of strings | equals one, or none of them |
        | `contains`, `starts_with`, `ends_with` | string | holds it; the empty text is always there |

        **String-list matcher.** A scalar or list is short for `has`.

        | operator | passes when |
        |---|---|
        | `has` | some element equals the value, or one of a list of values |
        | `is` | there is one element alone, and it equals the value |
        | `exclude` | no element equals the value, or any of a list |

        **Certificate matcher.** `fingerprint`: SHA-256 of the certificate, 64 lower-case hexadecimal digits or 32 upper-case pairs with colons; `spki_hash`: SHA-256 of the
        public key's SubjectPublicKeyInfo in base64; both may be lists. `san_email`, `san_dns`, `san_uri`: string matchers over all names of the kind; each operator may be met
        by another name, `not` by one that differs, `not_in` by all of them. All conditions must hold.

        """

    private static let tail = """
        ## Trying it out

        | command | what it does |
        |---|---|
        | `postern policy eval --policy FILE --facts FILE [--explain]` | judges one request, described as JSON, by one policy; prints the decision as JSON |
        | `postern policy test FILE [--json]` | runs the `tests` of a configuration |
        | `postern policy simulate --as USER --url URL --config FILE` | tells what somebody in the store may do |

        The facts of `eval` are one object, everything in it optional: `session` (`id`, `kind`: `session` or `service_account`, `user_id`, `claims`, `expires_at`,
        `device_credentials` with `type_id` and `credential_id`), `user` (`id`, `email`, `claims`), `groups`, `directory_email`, `request` (`method`, `path` as it is sent, `host`, `headers`,
        `query`, `ip`), `client_cert` (`presented`, `valid`, `pem`), `directory_records` (`type`, `id`, `foreign_key`, `data`), `devices` (`credential_id`, `enrollment_id`, `type_id`,
        `approved_by`, `enrolled`), `ssh` (`username`, `publickey`), `mcp` (`method`, `tool`) and `now`.

        ```sh
        echo '{"session": {"id": "s", "user_id": "u"}, "user": {"id": "u", "email": "ann@example.com"}}' \\
          | postern policy eval --policy policy.yaml --facts - --explain
        ```

        """
}
