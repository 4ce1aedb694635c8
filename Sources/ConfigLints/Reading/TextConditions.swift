import PolicyLanguage

/// What a string matcher asks of one text, read for comparing matchers with one another.
struct TextConditions {
    /// Nil: any text.
    private(set) var anyOf: [String]?
    private(set) var noneOf: [String] = []
    private(set) var prefixes: [String] = []
    private(set) var suffixes: [String] = []
    private(set) var parts: [String] = []
    /// Part of it could not be read, so that nothing certain can be said.
    private(set) var isUnclear = false

    /// No condition yet.
    init() {}

    /// With `foldingCase` as the criterion compares.
    init(_ data: PositionedValue, foldingCase: Bool = false) {
        add(data, foldingCase: foldingCase)
    }

    /// Both must hold.
    mutating func add(_ data: PositionedValue, foldingCase: Bool = false) {
        let pairs: [(String, PositionedValue)] = data.mapping?.map { ($0.key, $0.value) } ?? [(data.sequence == nil ? "is" : "in", data)]
        for (name, value) in pairs {
            let elements = value.sequence ?? [value]
            let texts = elements.compactMap(\.string).map { foldingCase ? $0.lowercased() : $0 }
            if texts.count < elements.count { isUnclear = true }
            switch name {
            case "is", "in": anyOf = anyOf.map { known in known.filter { texts.contains($0) } } ?? texts
            case "not", "not_in": noneOf += texts
            case "starts_with": prefixes += texts
            case "ends_with": suffixes += texts
            case "contains": parts += texts
            default: isUnclear = true
            }
        }
    }

    /// No text can meet it.
    var isContradiction: Bool {
        guard !isUnclear else { return false }
        if let anyOf { return !anyOf.contains(where: meetsTheRest) }
        return Self.contradict(prefixes) { $0.utf8.starts(with: $1.utf8) }
            || Self.contradict(suffixes) { $0.utf8.reversed().starts(with: $1.utf8.reversed()) }
    }

    /// Every text meets it.
    var isTautology: Bool {
        !isUnclear && anyOf == nil && noneOf.isEmpty && (prefixes + suffixes + parts).allSatisfy(\.isEmpty)
    }

    /// Whether a text meets all of it.
    func isMet(by text: String) -> Bool {
        (anyOf.map { $0.contains(text) } ?? true) && meetsTheRest(text)
    }

    private func meetsTheRest(_ text: String) -> Bool {
        !noneOf.contains(text) && prefixes.allSatisfy { text.utf8.starts(with: $0.utf8) }
            && suffixes.allSatisfy { text.utf8.reversed().starts(with: $0.utf8.reversed()) } && parts.allSatisfy { $0.isEmpty || text.contains($0) }
    }

    /// Of texts that must all be at the same end, the shorter ones must be the end of the longest.
    private static func contradict(_ texts: [String], _ reaches: (String, String) -> Bool) -> Bool {
        guard let longest = texts.max(by: { $0.utf8.count < $1.utf8.count }) else { return false }
        return texts.contains { !reaches(longest, $0) }
    }
}

extension CriterionSource {
    /// Criteria that compare a string matcher with one text of a request.
    var isAboutOneText: Bool { ["email", "domain", "user", "http_method", "http_path", "ssh_username"].contains(name) }

    /// `domain` compares without case.
    var foldsCase: Bool { name == "domain" }

    /// The texts that the matcher wants the value to be equal to, where they stand: those of `is` and `in`, and of the short forms.
    var wantedTexts: [PositionedValue] {
        let values = data.mapping?.filter { $0.key == "is" || $0.key == "in" }.map(\.value) ?? [data]
        return values.flatMap { $0.sequence ?? [$0] }.filter { $0.string != nil }
    }

    /// What it makes of every request alike.
    ///
    /// A criterion about who is asking still needs somebody: there `true` stands for everybody who is signed in.
    func constant(now: UnixTime) -> Bool? {
        switch name {
        case "accept": return true
        case "reject": return false
        case "day_of_week": return data.string?.split(separator: ",").contains { $0.filter { $0 != " " } == "*" } == true ? true : nil
        case "date": return dateConstant(now)
        case "source_ip":
            let texts = (data.sequence ?? [data]).compactMap(\.string)
            if texts.contains("0.0.0.0/0"), texts.contains("::/0") { return true }
            return texts.isEmpty && data.sequence != nil ? false : nil
        case _ where isAboutOneText:
            let conditions = TextConditions(data, foldingCase: foldsCase)
            if conditions.isContradiction { return false }
            if conditions.isTautology { return true }
            // Every path begins with a slash.
            if name == "http_path", conditions.anyOf == nil, conditions.noneOf.isEmpty, conditions.suffixes.isEmpty, conditions.parts.isEmpty {
                return conditions.prefixes.allSatisfy { $0.isEmpty || $0 == "/" } ? true : nil
            }
            return nil
        default: return nil
        }
    }

    /// Only a moment that has passed is certain for good.
    private func dateConstant(_ now: UnixTime) -> Bool? {
        let time = { (key: String) in data[key]?.string.flatMap { UnixTime(iso8601: $0) } }
        if let before = time("before"), before <= now { return false }
        if let after = time("after"), let before = time("before"), after >= before { return false }
        return nil
    }
}

extension PolicyDocument.Conditional {
    /// Whether it holds for every request, or for none, as far as its criteria tell.
    func constant(now: UnixTime) -> Bool? {
        guard !criteria.isEmpty else { return false }
        let values = criteria.map { $0.constant(now: now) }
        switch connective {
        case .and: return values.contains(false) ? false : values.allSatisfy { $0 == true } ? true : nil
        case .or: return values.contains(true) ? true : values.allSatisfy { $0 == false } ? false : nil
        case .not: return values.contains(true) ? false : values.allSatisfy { $0 == false } ? true : nil
        case .nor: return values.contains(false) ? true : values.allSatisfy { $0 == true } ? false : nil
        }
    }
}
