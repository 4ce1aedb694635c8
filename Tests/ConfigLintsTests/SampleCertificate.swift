/// A self-signed certificate for `example.com` and `*.example.com`, made for these tests alone.
enum SampleCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBxTCCAWqgAwIBAgIUXOfrTSWWoEMxbmub4/POAeqG1SswCgYIKoZIzj0EAwIw
        FjEUMBIGA1UEAwwLZXhhbXBsZS5jb20wIBcNMjYxMTIxMTcwMjU5WhgPMjEyNjEw
        MjgxNzAyNTlaMBYxFDASBgNVBAMMC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYI
        KoZIzj0DAQcDQgAEJgO68x3aCcf2DFn7rYG3kDWVJQv1HH71ZRgbikxlXb4QlKYc
        0a8beuVf4z+saRkwrWmRkhovLiNvn+1azDZMR6OBkzCBkDAdBgNVHQ4EFgQUTxPh
        J10u7YCvOWeF89znTT++q5cwHwYDVR0jBBgwFoAUTxPhJ10u7YCvOWeF89znTT++
        q5cwDwYDVR0TAQH/BAUwAwEB/zA9BgNVHREENjA0ggtleGFtcGxlLmNvbYINKi5l
        eGFtcGxlLmNvbYIWYXV0aGVudGljYXRlLmxvY2FsaG9zdDAKBggqhkjOPQQDAgNJ
        ADBGAiEAtJ94gRrtTynxp6RFUzy31X4ts8+aDYEw15uWPKQgOskCIQDuimCIGLld
        8txNWMlm9/qasmBc23Wu6oameSR5ahAl3w==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgerGvlYvYbNn0e6aH
        RMXi73stkhul01JNx9VPBDlroU6hRANCAAQmA7rzHdoJx/YMWfutgbeQNZUlC/Uc
        fvVlGBuKTGVdvhCUphzRrxt65V/jP6xpGTCtaZGSGi8uI2+f7VrMNkxH
        -----END PRIVATE KEY-----
        """
}
