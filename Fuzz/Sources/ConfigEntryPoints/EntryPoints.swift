import ConfigProperties

// libFuzzer hands over a pointer to `count` readable bytes that live for the duration of the call.

@_cdecl("posternFuzzConfig")
public func fuzzConfig(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: configViolation(bytes(start, count)))
}

@_cdecl("posternFuzzConfigScalars")
public func fuzzConfigScalars(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: configScalarViolation(bytes(start, count)))
}

private func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: count))
}

/// A broken rule ends the process, which is how the fuzzer learns of it.
private func stop(on violation: String?) {
    if let violation { fatalError(violation) }
}
