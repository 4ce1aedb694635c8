import ArgumentParser

/// Flags of every subcommand that reads a configuration.
struct ConfigurationOptions: ParsableArguments {
    @Flag(help: "Report unknown keys as warnings instead of refusing the file.")
    var allowUnknownKeys = false
}

/// Where state is kept, for every subcommand that needs the store.
struct DataDirectoryOptions: ParsableArguments {
    @Option(help: "Data directory. Default: data_dir of the configuration, then $XDG_DATA_HOME/postern.")
    var dataDir: String?
}
