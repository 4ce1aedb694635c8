/// A record of an external data source, with the scalars of its fields.
public struct DirectoryRecord: Sendable, Equatable {
    /// What of a request is compared with the record's id.
    public enum ForeignKey: String, Sendable, CaseIterable {
        case userID = "user.id"
        case userEmail = "user.email"
        /// The id is an address or a CIDR block; the narrowest block counts.
        case requestIP = "request.ip"
        /// The id is the SHA-256 of the client certificate, 64 small hexadecimal digits.
        case clientCertificateFingerprint = "request.client_certificate.fingerprint"
    }

    public var type: String
    /// The value that is compared with the request, by ``foreignKey``.
    public var id: String
    public var foreignKey: ForeignKey
    /// A field with a scalar holds one value, one with a list all of its scalars.
    public var fields: [String: [ClaimValue]]

    public init(type: String, id: String, foreignKey: ForeignKey = .userID, fields: [String: [ClaimValue]]) {
        self.type = type
        self.id = id
        self.foreignKey = foreignKey
        self.fields = fields
    }
}

/// Records by type and key; immutable, shared by all requests of one state of the data.
public final class DirectoryRecords: Sendable {
    private struct TypeIndex: Sendable {
        var byID: [DirectoryRecord.ForeignKey: [String: DirectoryRecord]] = [:]
        var byRange: [IPRange: DirectoryRecord] = [:]
        /// Longest first.
        var prefixLengths: [Int] = []
    }

    private let types: [String: TypeIndex]

    /// Of two records of one type, foreign key and id the later one counts; a `request.ip` record whose id is no address or block is left out.
    public init(_ records: [DirectoryRecord]) {
        var types: [String: TypeIndex] = [:]
        for record in records {
            if record.foreignKey == .requestIP {
                guard let range = IPRange(record.id) else { continue }
                types[record.type, default: TypeIndex()].byRange[range] = record
            } else {
                types[record.type, default: TypeIndex()].byID[record.foreignKey, default: [:]][record.id] = record
            }
        }
        for (type, index) in types {
            types[type]?.prefixLengths = Set(index.byRange.keys.map(\.prefixLength)).sorted(by: >)
        }
        self.types = types
    }

    /// The record of a type for a request. `needsSession` tells that records of this type are about users, or that there is none of the type.
    public func record(type: String, _ facts: RequestFacts) -> (record: DirectoryRecord?, needsSession: Bool) {
        guard let index = types[type] else { return (nil, true) }
        var needsSession = false
        for foreignKey in DirectoryRecord.ForeignKey.allCases {
            guard let records = index.byID[foreignKey] else { continue }
            needsSession = needsSession || foreignKey != .clientCertificateFingerprint
            guard let id = Self.id(foreignKey, facts), let record = records[id] else { continue }
            return (record, needsSession)
        }
        if let address = facts.clientAddress {
            for length in index.prefixLengths {
                if length < 96, address.isV4 { break }
                if let record = index.byRange[IPRange(address, prefixLength: length)] { return (record, needsSession) }
            }
        }
        return (nil, needsSession)
    }

    /// What ``record(type:_:)`` answers for every type, so that a store of these alone answers the same for this request.
    ///
    /// Where a type has no record for the request, and that is not for want of a session, a record stands in that no request can have.
    public func seen(by facts: RequestFacts) -> [DirectoryRecord] {
        types.keys.sorted().compactMap { type in
            let (record, needsSession) = record(type: type, facts)
            if let record { return record }
            return needsSession ? nil : DirectoryRecord(type: type, id: "", foreignKey: .clientCertificateFingerprint, fields: [:])
        }
    }

    private static func id(_ foreignKey: DirectoryRecord.ForeignKey, _ facts: RequestFacts) -> String? {
        switch foreignKey {
        case .userID: facts.principal?.userID
        case .userEmail: facts.principal?.emailText.description
        case .requestIP: nil
        case .clientCertificateFingerprint:
            facts.clientCertificate?.fingerprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}
