/// The field lines of a head or trailer section, over the bytes they arrived in. Names keep their case; lookups ignore it.
/// Access by name is a scan over the lines and allocates nothing.
public struct FieldSection: Sendable {
    /// Everything received, start line and line ends included.
    public internal(set) var bytes: [UInt8] = []
    /// The field lines in order of arrival.
    public internal(set) var fields: [HeadField] = []
    /// Some name contains `_`. Whether such a request is refused, or only loses the field, is a setting.
    public internal(set) var hasUnderscoreName = false
    /// Where the first line begins that is not yet parsed.
    var lineStart = 0
    /// How far `bytes` has been searched for the end of that line.
    var searched = 0

    public init() {}

    /// Prepares for the next message and keeps the capacity.
    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        hasUnderscoreName = false
        lineStart = 0
        searched = 0
    }

    /// A view of `range`, without copying.
    public func view(_ range: ByteRange) -> ByteView { ByteView(bytes, range: range.range) }

    public func name(_ field: HeadField) -> ByteView { view(field.name) }

    public func value(_ field: HeadField) -> ByteView { view(field.value) }

    /// The value of the first field of this kind.
    public func first(_ known: KnownField) -> ByteView? {
        for field in fields where field.known == known { return view(field.value) }
        return nil
    }

    /// The number of field lines of this kind.
    public func count(_ known: KnownField) -> Int {
        var count = 0
        for field in fields where field.known == known { count += 1 }
        return count
    }

    /// The values of all fields of this kind, in order.
    public func values(_ known: KnownField) -> KnownValues { KnownValues(section: self, known: known) }

    /// The value of the first field with this name.
    public func value(named name: StaticString) -> ByteView? {
        for field in fields where field.name.count == name.utf8CodeUnitCount {
            if view(field.name).equalsIgnoringCase(name) { return view(field.value) }
        }
        return nil
    }

    /// The value of the first field with this name.
    public func value(named name: String) -> ByteView? {
        let count = name.utf8.count
        for field in fields where field.name.count == count {
            let matches = zip(bytes[field.name.range], name.utf8).allSatisfy { ByteClass.lowercased($0) == ByteClass.lowercased($1) }
            if matches { return view(field.value) }
        }
        return nil
    }

    /// The values of one kind of field, without an array of them.
    public struct KnownValues: Sequence, IteratorProtocol, Sendable {
        let section: FieldSection
        let known: KnownField
        var index = 0

        public mutating func next() -> ByteView? {
            while index < section.fields.count {
                let field = section.fields[index]
                index += 1
                if field.known == known { return section.view(field.value) }
            }
            return nil
        }
    }
}

/// What has a field section: the heads of requests and responses.
public protocol FieldSectioned: Sendable {
    var section: FieldSection { get }
}

extension FieldSectioned {
    /// The head as received.
    @inlinable
    public var bytes: [UInt8] { section.bytes }

    @inlinable
    public var fields: [HeadField] { section.fields }

    /// See `FieldSection.hasUnderscoreName`.
    @inlinable
    public var hasUnderscoreName: Bool { section.hasUnderscoreName }

    @inlinable
    public func view(_ range: ByteRange) -> ByteView { section.view(range) }

    /// The value of the first field of this kind.
    @inlinable
    public func first(_ known: KnownField) -> ByteView? { section.first(known) }

    /// The values of all fields of this kind, in order.
    @inlinable
    public func values(_ known: KnownField) -> FieldSection.KnownValues { section.values(known) }

    /// The value of the first field with this name.
    @inlinable
    public func value(named name: StaticString) -> ByteView? { section.value(named: name) }

    /// The value of the first field with this name.
    @inlinable
    public func value(named name: String) -> ByteView? { section.value(named: name) }
}
