import PolicyLanguage
import Routing

/// A group that a policy names.
struct GroupMention {
    var name: String
    var value: PositionedValue

    /// Every group that `has` or `is` asks for, in the order of the routes.
    static func all(in subject: LintSubject) -> [GroupMention] {
        var mentions: [GroupMention] = []
        for route in subject.routes {
            for criterion in route.definition.policy?.rules.flatMap(\.conditionals).flatMap(\.criteria) ?? []
            where criterion.name == "groups" || criterion.key == "claim/groups" {
                for (_, values) in criterion.data.mapping?.map({ ($0.key, $0.value) }) ?? [("has", criterion.data)] {
                    for value in values.sequence ?? [values] {
                        if let name = value.string { mentions.append(GroupMention(name: name, value: value)) }
                    }
                }
            }
        }
        return mentions
    }
}
