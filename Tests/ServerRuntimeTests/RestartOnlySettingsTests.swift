import ProxyConfig
import Testing

@testable import ServerRuntime

@Suite struct RestartOnlySettingsTests {
    @Test func namesTheKeysThatARunningProcessCannotChange() {
        let started = Settings()
        var wanted = started
        wanted.address = ListenAddress(host: "", port: 8443)
        wanted.logLevel = .debug
        #expect(RestartOnlySettings.changed(from: started, to: wanted, ignoresDataDirectory: false).isEmpty)
        wanted.dataDir = "/elsewhere"
        wanted.databrokerStorageType = .memory
        #expect(
            RestartOnlySettings.changed(from: started, to: wanted, ignoresDataDirectory: false) == ["data_dir", "databroker_storage_type"])
        #expect(RestartOnlySettings.changed(from: started, to: wanted, ignoresDataDirectory: true) == ["databroker_storage_type"])
    }
}
