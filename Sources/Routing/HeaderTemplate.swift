/// A value of `set_request_headers`, with references to facts of the request.
///
/// `$$` is a dollar sign; `$pomerium.jwt`, `${pomerium.jwt}` and `${pomerium.request.headers["X-Foo"]}` are references.
public struct HeaderTemplate: Sendable, Equatable {
    public enum Reference: Sendable, Equatable {
        case accessToken
        case idToken
        case assertion
        case clientCertificateFingerprint
        case clientCertificateDNSNames
        case clientCertificateEmails
        /// An incoming header field, by name.
        case requestHeader(String)
    }

    public enum Piece: Sendable, Equatable {
        case literal(String)
        case reference(Reference)
    }

    public struct UnknownReference: Error, Sendable, Equatable {
        /// As written, without `$` and braces.
        public var name: String
    }

    public let pieces: [Piece]

    /// Refuses unknown references: `pa$word` would otherwise silently become `pa`.
    public init(_ text: String) throws(UnknownReference) {
        var pieces: [Piece] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.first {
            guard character == "$" else {
                literal.append(character)
                rest.removeFirst()
                continue
            }
            rest.removeFirst()
            if rest.first == "$" {
                literal.append("$")
                rest.removeFirst()
                continue
            }
            guard let path = Self.scanReference(&rest) else {
                literal.append("$")
                continue
            }
            guard let reference = Self.resolve(path) else { throw UnknownReference(name: path.joined(separator: ".")) }
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = ""
            pieces.append(.reference(reference))
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    /// The text, if there is no reference in it.
    public var constant: String? {
        switch pieces.count {
        case 0: ""
        case 1: if case .literal(let text) = pieces[0] { text } else { nil }
        default: nil
        }
    }

    public var references: [Reference] {
        pieces.compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
    }

    /// Path segments behind a `$`, or nil (and nothing consumed) where no reference can be read.
    private static func scanReference(_ rest: inout Substring) -> [String]? {
        var scan = rest
        let braced = scan.first == "{"
        if braced { scan.removeFirst() }
        var segments: [String] = []
        func skipSpaces() {
            while braced, let space = scan.first, space == " " || space == "\t" { scan.removeFirst() }
        }
        skipSpaces()
        guard let first = scanIdentifier(&scan) else { return nil }
        segments.append(first)
        while true {
            skipSpaces()
            if scan.first == "." {
                var ahead = scan.dropFirst()
                while braced, let space = ahead.first, space == " " || space == "\t" { ahead.removeFirst() }
                guard let next = scanIdentifier(&ahead) else {
                    if braced { return nil }
                    break
                }
                segments.append(next)
                scan = ahead
            } else if scan.first == "[" {
                guard let (name, after) = scanSubscript(scan, spaces: braced) else {
                    if braced { return nil }
                    break
                }
                segments.append(name)
                scan = after
            } else {
                break
            }
        }
        if braced {
            guard scan.first == "}" else { return nil }
            scan.removeFirst()
        }
        rest = scan
        return segments
    }

    private static func scanIdentifier(_ scan: inout Substring) -> String? {
        var name = ""
        while let character = scan.first, character.isASCII,
            character.isLetter || character.isNumber || character == "_" || (character == "-" && !name.isEmpty)
        {
            name.append(character)
            scan.removeFirst()
        }
        return name.isEmpty ? nil : name
    }

    /// `["name"]`, with `\` escapes inside the quotes.
    private static func scanSubscript(_ text: Substring, spaces: Bool) -> (String, Substring)? {
        var scan = text.dropFirst()
        func skipSpaces() {
            while spaces, let space = scan.first, space == " " || space == "\t" { scan.removeFirst() }
        }
        skipSpaces()
        guard scan.first == "\"" else { return nil }
        scan.removeFirst()
        var name = ""
        while let character = scan.first, character != "\"" {
            scan.removeFirst()
            if character == "\\" {
                guard let escaped = scan.first else { return nil }
                name.append(escaped)
                scan.removeFirst()
            } else {
                name.append(character)
            }
        }
        guard scan.first == "\"" else { return nil }
        scan.removeFirst()
        skipSpaces()
        guard scan.first == "]" else { return nil }
        return (name, scan.dropFirst())
    }

    private static func resolve(_ path: [String]) -> Reference? {
        guard path.first == "pomerium" else { return nil }
        switch path.dropFirst().first {
        case "access_token" where path.count == 2: return .accessToken
        case "id_token" where path.count == 2: return .idToken
        case "jwt" where path.count == 2: return .assertion
        case "client_cert_fingerprint" where path.count == 2: return .clientCertificateFingerprint
        case "client_cert_san_dns" where path.count == 2: return .clientCertificateDNSNames
        case "client_cert_san_email" where path.count == 2: return .clientCertificateEmails
        case "request" where path.count == 4 && path[2] == "headers": return .requestHeader(path[3])
        default: return nil
        }
    }
}
