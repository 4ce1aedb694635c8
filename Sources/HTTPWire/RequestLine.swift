/// The request line and its target (RFC 9112 section 3), parsed into a head.
extension RequestHead {
    mutating func parseRequestLine(_ line: Range<Int>, of source: UnsafeRawBufferPointer, limits: HTTPLimits) -> WireError? {
        var index = line.lowerBound
        while index < line.upperBound, ByteClass.isToken(source[index]) { index &+= 1 }
        guard index > line.lowerBound, index < line.upperBound, source[index] == ByteClass.space else { return .malformedRequestLine }
        guard index - line.lowerBound <= HTTPLimits.maxMethodBytes else { return .methodTooLong }
        method = ByteRange(line.lowerBound, index)

        let start = index + 1
        index = start
        while index < line.upperBound, source[index] != ByteClass.space {
            let byte = source[index]
            guard ByteClass.isVisible(byte), byte != 0x23 else { return byte == ByteClass.cr ? .bareCarriageReturn : .invalidTarget }
            index &+= 1
        }
        guard index > start else { return .malformedRequestLine }
        guard index - start <= limits.maxTargetBytes else { return .targetTooLong }
        target = ByteRange(start, index)

        // HTTP/0.9 has no version at all.
        guard index < line.upperBound else { return .lowVersion }
        if let error = parseVersion(index + 1..<line.upperBound, of: source) { return error }
        return parseTarget(start..<index, of: source)
    }

    private mutating func parseVersion(_ range: Range<Int>, of source: UnsafeRawBufferPointer) -> WireError? {
        guard let version = HTTPVersion(source, range) else { return .malformedRequestLine }
        switch (version.major, version.minor) {
        case (1, 1):
            minorVersion = 1
            return nil
        case (1, 0), (0, _): return .lowVersion
        case (2, 0) where section.view(method) == ("PRI" as StaticString) && section.view(target) == ("*" as StaticString): return .http2Preface
        default: return .unsupportedVersion
        }
    }

    mutating func parseTarget(_ range: Range<Int>, of source: UnsafeRawBufferPointer) -> WireError? {
        if section.view(method) == ("CONNECT" as StaticString) {
            guard let authority = Authority(source, range), authority.port != nil else { return .invalidTarget }
            targetForm = .authority
            self.authority = authority
            return nil
        }
        switch source[range.lowerBound] {
        case 0x2F:
            targetForm = .origin
            setOriginTarget(range, of: source)
            return nil
        case 0x2A where range.count == 1:
            guard section.view(method) == ("OPTIONS" as StaticString) else { return .invalidTarget }
            targetForm = .asterisk
            setOriginTarget(range, of: source)
            return nil
        default:
            return parseAbsoluteTarget(range, of: source)
        }
    }

    private mutating func parseAbsoluteTarget(_ range: Range<Int>, of source: UnsafeRawBufferPointer) -> WireError? {
        let whole = UnsafeRawBufferPointer(rebasing: source[range])
        guard let scheme = Scheme(prefixOf: whole) else { return .invalidTarget }
        let start = range.lowerBound + scheme.prefixCount
        let end = (start..<range.upperBound).first { source[$0] == 0x2F || source[$0] == 0x3F } ?? range.upperBound
        guard let authority = Authority(source, start..<end) else { return .invalidTarget }
        targetForm = .absolute
        targetScheme = scheme
        self.authority = authority
        // A target without a path has no origin form inside the received bytes; `completeTarget` makes one behind them.
        if end < range.upperBound, source[end] == 0x2F { setOriginTarget(end..<range.upperBound, of: source) }
        return nil
    }

    private mutating func setOriginTarget(_ range: Range<Int>, of source: UnsafeRawBufferPointer) {
        originTarget = ByteRange(range.lowerBound, range.upperBound)
        let mark = range.first { source[$0] == 0x3F }
        path = ByteRange(range.lowerBound, mark ?? range.upperBound)
        query = mark.map { ByteRange($0 + 1, range.upperBound) }
    }

    /// Gives an absolute target without a path (`http://host?q`) its origin form (`/?q`), behind the received bytes.
    mutating func completeTarget() {
        guard targetForm == .absolute, originTarget.isEmpty else { return }
        let received = section.bytes[target.range]
        let rest = Array(received[(received.firstIndex(of: 0x3F) ?? received.endIndex)...])
        let start = section.bytes.count
        section.bytes.append(0x2F)
        section.bytes.append(contentsOf: rest)
        originTarget = ByteRange(start, section.bytes.count)
        path = ByteRange(start, start + 1)
        query = rest.isEmpty ? nil : ByteRange(start + 2, section.bytes.count)
    }
}

/// `HTTP/d.d` (RFC 9112 section 2.3).
struct HTTPVersion {
    let major: UInt8
    let minor: UInt8

    init?(_ source: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard range.count == 8 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: source[range])
        let word = bytes.loadUnaligned(as: UInt64.self).littleEndian
        // "HTTP/" in the low five bytes, "." in the seventh.
        guard word & 0x00FF_00FF_FFFF_FFFF == 0x002E_002F_5054_5448, ByteClass.isDigit(bytes[5]), ByteClass.isDigit(bytes[7]) else { return nil }
        major = bytes[5] - 0x30
        minor = bytes[7] - 0x30
    }
}

/// The schemes an absolute-form target may have.
enum Scheme: UInt8, Sendable {
    case http, https

    init?(prefixOf bytes: UnsafeRawBufferPointer) {
        for scheme in [Scheme.http, .https] {
            let matches = scheme.prefix.withUTF8Buffer { prefix in
                bytes.count >= prefix.count
                    && ByteClass.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: bytes[..<prefix.count]), lowercase: prefix)
            }
            if matches {
                self = scheme
                return
            }
        }
        return nil
    }

    var prefix: StaticString { self == .http ? "http://" : "https://" }
    var prefixCount: Int { prefix.utf8CodeUnitCount }
    var defaultPort: UInt16 { self == .http ? 80 : 443 }
}
