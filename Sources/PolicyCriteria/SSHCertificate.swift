import PolicyLanguage

/// A user certificate of OpenSSH (`PROTOCOL.certkeys` of the OpenSSH sources), read but not yet trusted.
struct SSHCertificate {
    let principals: [[UInt8]]
    /// Seconds since 1970, inclusive.
    let validAfter: UInt64
    /// Seconds since 1970, exclusive; the highest number means forever.
    let validBefore: UInt64
    let criticalOptions: [(name: String, data: [UInt8])]
    /// The authority's key in wire form.
    let authority: [UInt8]
    /// What the authority has signed.
    let signedBytes: [UInt8]
    let signature: [UInt8]

    /// Nil if the bytes are no certificate, or one of a host.
    init?(blob: [UInt8]) {
        var reader = SSHWireReader(blob)
        guard let name = reader.string(), let fields = Self.keyFields[String(decoding: name, as: UTF8.self)] else { return nil }
        // The nonce, then the fields of the certified key, which the transport has checked.
        for _ in 0...fields {
            guard reader.string() != nil else { return nil }
        }
        guard reader.uint64() != nil, reader.uint32() == 1, reader.string() != nil, let principals = reader.string(),
            let validAfter = reader.uint64(), let validBefore = reader.uint64(), let criticalOptions = reader.string(), reader.string() != nil,
            reader.string() != nil, let authority = reader.string()
        else { return nil }
        let signedLength = reader.offset
        guard let signature = reader.string(), reader.isAtEnd, let principals = Self.strings(principals),
            let options = Self.strings(criticalOptions), options.count.isMultiple(of: 2)
        else { return nil }
        self.principals = principals
        self.validAfter = validAfter
        self.validBefore = validBefore
        self.criticalOptions = stride(from: 0, to: options.count, by: 2).map { (String(decoding: options[$0], as: UTF8.self), options[$0 + 1]) }
        self.authority = authority
        self.signedBytes = Array(blob[..<signedLength])
        self.signature = signature
    }

    func isValid(at now: UnixTime) -> Bool {
        guard let now = UInt64(exactly: now.seconds) else { return false }
        return now >= validAfter && now < validBefore
    }

    /// Whether the certificate is for this user; one without principals is for everybody.
    func isFor(_ username: FactText) -> Bool {
        principals.isEmpty || principals.contains { FactText(bytes: $0) == username }
    }

    /// Whether every critical option is known and met. The only known one is `source-address`, a list of addresses and CIDR blocks.
    func meetsOptions(from address: IPAddress?) -> Bool {
        criticalOptions.allSatisfy { option in
            guard option.name == "source-address", let list = Self.strings(option.data), list.count == 1, let address else { return false }
            let ranges = String(decoding: list[0], as: UTF8.self).split(separator: ",").map { IPRange(String($0)) }
            return !ranges.contains(nil) && ranges.contains { $0?.contains(address) ?? false }
        }
    }

    /// How many strings or numbers of the certified key follow the nonce.
    private static let keyFields = [
        "ssh-ed25519-cert-v01@openssh.com": 1,
        "ecdsa-sha2-nistp256-cert-v01@openssh.com": 2,
        "ecdsa-sha2-nistp384-cert-v01@openssh.com": 2,
        "ecdsa-sha2-nistp521-cert-v01@openssh.com": 2,
        "ssh-rsa-cert-v01@openssh.com": 2,
        "rsa-sha2-256-cert-v01@openssh.com": 2,
        "rsa-sha2-512-cert-v01@openssh.com": 2,
        "sk-ssh-ed25519-cert-v01@openssh.com": 2,
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": 3,
    ]

    private static func strings(_ bytes: [UInt8]) -> [[UInt8]]? {
        var reader = SSHWireReader(bytes)
        var strings: [[UInt8]] = []
        while !reader.isAtEnd {
            guard let string = reader.string() else { return nil }
            strings.append(string)
        }
        return strings
    }
}
