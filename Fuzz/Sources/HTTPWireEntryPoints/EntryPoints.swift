import HTTPWireProperties

// libFuzzer hands over a pointer to `count` readable bytes that live for the duration of the call.

@_cdecl("posternFuzzRequestParser")
public func fuzzRequestParser(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: requestParserViolation(bytes(start, count)))
}

@_cdecl("posternFuzzResponseParser")
public func fuzzResponseParser(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: responseParserViolation(bytes(start, count)))
}

@_cdecl("posternFuzzPathNormalizer")
public func fuzzPathNormalizer(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: pathNormalizerViolation(bytes(start, count)))
}

@_cdecl("posternFuzzCookies")
public func fuzzCookies(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: cookieViolation(bytes(start, count)))
}

@_cdecl("posternFuzzProxyProtocol")
public func fuzzProxyProtocol(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: proxyProtocolViolation(bytes(start, count)))
}

@_cdecl("posternFuzzChunked")
public func fuzzChunked(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: chunkedViolation(bytes(start, count)))
}

@_cdecl("posternFuzzRequestFieldList")
public func fuzzRequestFieldList(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: requestFieldListViolation(bytes(start, count)))
}

@_cdecl("posternFuzzResponseFieldList")
public func fuzzResponseFieldList(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: responseFieldListViolation(bytes(start, count)))
}

@_cdecl("posternFuzzHPACK")
public func fuzzHPACK(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: hpackViolation(bytes(start, count)))
}

@_cdecl("posternFuzzHTTP2")
public func fuzzHTTP2(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    stop(on: http2Violation(bytes(start, count)))
}

private func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: count))
}

/// A broken rule ends the process, which is how the fuzzer learns of it.
private func stop(on violation: String?) {
    if let violation { fatalError(violation) }
}
