/// A device that the session has proved to possess.
public struct DeviceCredential: Sendable, Hashable {
    /// The operator's decision about the device.
    public struct Enrollment: Sendable, Hashable {
        public var id: String
        /// User id of who approved the device; nil or empty while nobody did.
        public var approvedBy: String?

        public init(id: String, approvedBy: String? = nil) {
            self.id = id
            self.approvedBy = approvedBy
        }

        public var isApproved: Bool { approvedBy.map { !$0.isEmpty } ?? false }
    }

    /// The device type under which it was registered, such as `any` or `enclave_only`.
    public var typeID: String
    public var credentialID: String
    /// Nil if no enrolment record exists.
    public var enrollment: Enrollment?

    public init(typeID: String, credentialID: String, enrollment: Enrollment? = nil) {
        self.typeID = typeID
        self.credentialID = credentialID
        self.enrollment = enrollment
    }
}
