/// The version that `--version` prints.
enum ProductVersion {
    static let text = "0.1.0"
}
