import KeyMaterial

/// What tells one configuration from another.
enum ConfigHash {
    /// Every file and every variable that counts, with lengths between them so that nothing can be shifted from one to the next.
    ///
    /// Files that only routes of an earlier load named are not among `files`: what a load can take from the one before does not show.
    static func make(_ reads: FileReads, of files: Set<String>, environment: [String: String]) -> String {
        var parts = reads.all.filter { files.contains($0.path) }.flatMap { [$0.path, $0.text] }
        for name in Set(SettingCatalog.standard.settings.flatMap(\.environmentNames)).sorted() {
            if let value = environment[name], !value.isEmpty { parts += [name, value] }
        }
        return RandomToken.digest(joining: parts.lazy.flatMap { ["\($0.utf8.count):", $0] })
    }
}
