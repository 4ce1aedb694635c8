import Testing

@testable import ProxyConfig

@Suite struct SettingCatalogTests {
    let catalog = SettingCatalog.standard

    @Test func namesEachKeyAndVariableOnce() {
        let keys = catalog.settings.map(\.key)
        #expect(Set(keys).count == keys.count)
        let variables = catalog.settings.flatMap(\.environmentNames)
        #expect(Set(variables).count == variables.count)
    }

    @Test func describesEverySettingThatItActsOn() {
        for setting in catalog.settings where setting.support == .implemented {
            #expect(setting.key == setting.key.lowercased())
            #expect(setting.text.hasSuffix(".") || setting.text.hasSuffix("`."), "\(setting.key)")
            #expect(!setting.type.isEmpty && !setting.defaultText.isEmpty, "\(setting.key)")
        }
    }

    @Test(arguments: [("adress", "address"), ("idp_client_secrt", "idp_client_secret"), ("route", "routes"), ("zzz", nil)] as [(String, String?)])
    func suggestsTheNearestKey(word: String, key: String?) {
        #expect(catalog.suggestion(for: word) == key)
    }
}
