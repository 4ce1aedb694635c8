/// What the fields say about the connection and the framing of a message: collected in one pass, judged by each kind of head.
struct MessageFacts {
    var hostCount = 0
    var host = ByteRange()
    /// Nil when there is no Content-Length.
    var contentLength: UInt64?
    var hasTransferEncoding = false
    var closes = false
    var keepsAlive = false
    var nominatesUpgrade = false
    var hasUpgrade = false
    var nominatesFields = false
    var expectsContinue = false

    /// Members of all Connection fields of one message.
    private static let maxConnectionMembers = 32

    private var connectionMembers = 0

    /// Reads `fields`, or names the first fault that no message may have.
    mutating func collect(_ fields: [HeadField], of source: UnsafeRawBufferPointer) -> WireError? {
        for field in fields {
            switch field.known {
            case .host:
                hostCount += 1
                host = field.value
            case .contentLength:
                guard contentLength == nil else { return .severalContentLengths }
                guard let length = Self.decimal(source, field.value.range) else { return .invalidContentLength }
                contentLength = length
            case .transferEncoding:
                guard !hasTransferEncoding, Self.equals(source, field.value, "chunked") else { return .invalidTransferEncoding }
                hasTransferEncoding = true
            case .connection:
                if let error = collectConnection(field.value.range, of: source) { return error }
            case .upgrade:
                hasUpgrade = hasUpgrade || !field.value.isEmpty
            case .expect:
                expectsContinue = expectsContinue || Self.equals(source, field.value, "100-continue")
            default:
                break
            }
        }
        return contentLength != nil && hasTransferEncoding ? .contentLengthWithTransferEncoding : nil
    }

    private mutating func collectConnection(_ range: Range<Int>, of source: UnsafeRawBufferPointer) -> WireError? {
        for member in ListTokens(source, range) {
            connectionMembers += 1
            guard connectionMembers <= Self.maxConnectionMembers, member.allSatisfy(ByteClass.isToken) else { return .invalidConnectionField }
            if Self.equals(member, "close") {
                closes = true
            } else if Self.equals(member, "keep-alive") {
                keepsAlive = true
            } else if Self.equals(member, "upgrade") {
                nominatesUpgrade = true
            } else {
                nominatesFields = true
            }
        }
        return nil
    }

    /// Digits alone, at most the largest `Int`, so that no arithmetic on lengths can overflow.
    static func decimal(_ source: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        guard (1...19).contains(range.count) else { return nil }
        var value: UInt64 = 0
        for index in range {
            guard ByteClass.isDigit(source[index]) else { return nil }
            value = value &* 10 &+ UInt64(source[index] &- 0x30)
        }
        return value <= UInt64(Int.max) ? value : nil
    }

    private static func equals(_ source: UnsafeRawBufferPointer, _ range: ByteRange, _ lowercase: StaticString) -> Bool {
        equals(UnsafeRawBufferPointer(rebasing: source[range.range]), lowercase)
    }

    private static func equals(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        lowercase.withUTF8Buffer { ByteClass.equalsIgnoringCase(bytes, lowercase: $0) }
    }
}

extension RequestHead {
    /// Judges the complete head: host, connection, framing.
    mutating func complete(of source: UnsafeRawBufferPointer) -> WireError? {
        var facts = MessageFacts()
        if let error = facts.collect(section.fields, of: source) { return error }

        guard facts.hostCount <= 1 else { return .severalHosts }
        guard facts.hostCount == 1, !facts.host.isEmpty else { return .missingHost }
        guard let named = Authority(source, facts.host.range) else { return .invalidHost }
        if let target = authority, !isSame(target, named, of: source) { return .authorityMismatch }
        host = facts.host
        authority = named

        isKeepAlive = !facts.closes
        isUpgrade = facts.nominatesUpgrade && facts.hasUpgrade
        hasNominatedFields = facts.nominatesFields
        expectsContinue = facts.expectsContinue

        if isConnect {
            if facts.hasTransferEncoding { return .transferEncodingNotAllowed }
            // Some clients send a zero, which says the same as nothing.
            if let length = facts.contentLength, length > 0 { return .contentLengthNotAllowed }
            return nil
        }
        if facts.hasTransferEncoding {
            bodyFraming = .chunked
        } else if let length = facts.contentLength {
            bodyFraming = .length(length)
        }
        return nil
    }

    /// RFC 9110 section 4.2.3: hosts compare without case, and a scheme's default port is the same as none.
    private func isSame(_ target: Authority, _ named: Authority, of source: UnsafeRawBufferPointer) -> Bool {
        let defaultPort = targetScheme?.defaultPort
        guard (target.port ?? defaultPort) == (named.port ?? defaultPort) else { return false }
        return section.view(target.host).equalsIgnoringCase(section.view(named.host))
    }
}
