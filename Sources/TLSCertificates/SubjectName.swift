import Foundation
import SwiftASN1
import X509

/// A name that a certificate is for.
enum SubjectName: Sendable, Hashable, Comparable {
    /// Lower case, without a final dot; may begin with `*.`.
    case dns(String)
    /// Four or sixteen bytes in network order.
    case address([UInt8])

    /// IP literals (IPv6 with or without brackets) are addresses, all else is a DNS name.
    init(_ text: String) {
        if let bytes = Self.addressBytes(text) {
            self = .address(bytes)
        } else {
            var name = text.lowercased()
            if name.hasSuffix(".") { name.removeLast() }
            self = .dns(name)
        }
    }

    var generalName: GeneralName {
        switch self {
        case .dns(let name): .dnsName(name)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
    }

    init?(_ name: GeneralName) {
        switch name {
        case .dnsName(let text): self = .dns(SubjectName.normalized(text))
        case .ipAddress(let octets) where octets.bytes.count == 4 || octets.bytes.count == 16: self = .address(Array(octets.bytes))
        default: return nil
        }
    }

    /// Whether a certificate can carry it: letters, digits, hyphens and underscores in labels of 1 to 63, a star only as the whole first label.
    var isValid: Bool {
        guard case .dns(let name) = self else { return true }
        guard !name.isEmpty, name.utf8.count <= 253 else { return false }
        var labels = name.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels[0] == "*" { labels.removeFirst() }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
    }

    static func addressBytes(_ text: String) -> [UInt8]? {
        var literal = text[...]
        if literal.hasPrefix("["), literal.hasSuffix("]") { literal = literal.dropFirst().dropLast() }
        guard literal.utf8.count <= 45 else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, String(literal), &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, String(literal), &six) == 1 { return withUnsafeBytes(of: &six) { Array($0) } }
        return nil
    }

    static func < (left: SubjectName, right: SubjectName) -> Bool {
        switch (left, right) {
        case (.dns(let a), .dns(let b)): a < b
        case (.address(let a), .address(let b)): a.lexicographicallyPrecedes(b)
        case (.dns, .address): true
        case (.address, .dns): false
        }
    }

    private static func normalized(_ text: String) -> String {
        let lower = text.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }
}

extension X509.Certificate {
    /// The names of the subject alternative names; without any, the common name as browsers of old read it.
    var subjectNames: [SubjectName] {
        let alternatives = (try? extensions.subjectAlternativeNames)?.compactMap(SubjectName.init) ?? []
        if !alternatives.isEmpty { return alternatives }
        let commonName = subject.lazy.flatMap { $0 }.first { $0.type == .RDNAttributeType.commonName }
        return commonName.flatMap { String($0.value) }.map { [SubjectName($0)] } ?? []
    }
}
