import PolicyProperties

// libFuzzer hands over a pointer to `count` readable bytes that live for the duration of the call.

@_cdecl("posternFuzzPolicy")
public func fuzzPolicy(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: policyViolation(bytes(start, count)))
}

@_cdecl("posternFuzzPolicyScalars")
public func fuzzPolicyScalars(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: policyScalarViolation(bytes(start, count)))
}

private func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: count))
}

/// A broken rule ends the process, which is how the fuzzer learns of it.
private func stop(on violation: String?) {
    if let violation { fatalError(violation) }
}
