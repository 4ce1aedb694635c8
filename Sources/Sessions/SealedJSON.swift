import Foundation

extension Decodable {
    /// The value that was sealed as JSON; nil when the bytes are not of this form.
    static func decode(_ bytes: [UInt8]) -> Self? {
        try? JSONDecoder().decode(Self.self, from: Data(bytes))
    }
}
