import RoutingProperties

// libFuzzer hands over a pointer to `count` readable bytes that live for the duration of the call.

@_cdecl("posternFuzzRouteMatch")
public func fuzzRouteMatch(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    // A broken rule ends the process, which is how the fuzzer learns of it.
    if let violation = routeMatchViolation(Array(UnsafeBufferPointer(start: start, count: count))) { fatalError(violation) }
}
