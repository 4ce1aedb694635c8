import KeyMaterial
import Testing

@Suite struct PasswordHashTests {
    @Test(arguments: ["correct horse", "", "pässwörd 🔑", String(repeating: "x", count: 1024)])
    func verifiesThePasswordAndNoOther(password: String) throws {
        let stored = try PasswordHash.make(password: password, logRounds: 10)
        #expect(stored.hasPrefix("$scrypt$ln=10,r=8,p=1$"))
        #expect(PasswordHash.verify(password: password, against: stored))
        #expect(!PasswordHash.verify(password: password + "x", against: stored))
        #expect(!PasswordHash.verify(password: "another", against: stored))
    }

    @Test func saltsEveryHash() throws {
        #expect(try PasswordHash.make(password: "p", logRounds: 10) != PasswordHash.make(password: "p", logRounds: 10))
    }

    @Test func refusesAPasswordThatItCouldNotVerify() throws {
        let long = String(repeating: "x", count: PasswordHash.maximumPasswordBytes + 1)
        #expect(throws: KeyMaterialError.passwordTooLong) { try PasswordHash.make(password: long, logRounds: 10) }
        let stored = try PasswordHash.make(password: String(long.dropLast()), logRounds: 10)
        #expect(!PasswordHash.verify(password: long, against: stored))
    }

    /// RFC 7914 section 12 has 64 bytes of output; the first 32 of scrypt are the output for 32, as its last step is PBKDF2.
    @Test func agreesWithTheVectorOfRFC7914() throws {
        let hex = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        let hash = Base64URL.encode(stride(from: 0, to: 64, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16) ?? 0 })
        let salt = Base64URL.encode(Array("SodiumChloride".utf8))
        #expect(PasswordHash.verify(password: "pleaseletmein", against: "$scrypt$ln=14,r=8,p=1$\(salt)$\(hash)"))
    }

    @Test(arguments: [
        "", "$", "$scrypt$", "plain", "$argon2$ln=10,r=8,p=1$AAAA$AAAA", "$scrypt$ln=10,r=8,p=1$AAAA$AAAA", "$scrypt$ln=10,r=8$AAAA$\(zeros)",
        "$scrypt$ln=x,r=8,p=1$AAAA$\(zeros)", "$scrypt$ln=9,r=8,p=1$AAAA$\(zeros)", "$scrypt$ln=63,r=8,p=1$AAAA$\(zeros)",
        "$scrypt$ln=20,r=16,p=4$AAAA$\(zeros)", "$scrypt$ln=-1,r=8,p=1$AAAA$\(zeros)", "$scrypt$ln=99999999999999999999,r=8,p=1$AAAA$\(zeros)",
        "$scrypt$ln=10,r=8,p=1$!!!!$\(zeros)", "$scrypt$ln=10,r=8,p=1$$\(zeros)", "$scrypt$ln=10=3,r=8,p=1$AAAA$\(zeros)",
    ])
    func takesADamagedTextForNoMatch(stored: String) {
        #expect(!PasswordHash.verify(password: "p", against: stored))
    }

    private static let zeros = Base64URL.encode(Array(repeating: 0, count: 32))

    @Test func hasItsWorkFactorInTheText() throws {
        let stored = try PasswordHash.make(password: "p")
        #expect(stored.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(PasswordHash.verify(password: "p", against: stored))
    }
}
