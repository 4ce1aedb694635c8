import Diagnostics
import PolicyLanguage
import Routing

/// The three kinds of probe.
extension HealthChecksOption {
    func httpProbe(_ entry: ConfigEntry, _ report: inout DiagnosticReport) -> HealthCheck.Probe? {
        guard var object = NestedObject(entry, name: "http_health_check", &report) else { return nil }
        let path = path(object.take("path"), in: object, &report)
        var probe = HTTPProbe(path: path ?? "/")
        if let host = object.take("host"), let text = host.nonEmptyString(&report) {
            if FieldSyntax.isValue(text), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) {
                probe.host = text
            } else {
                report.error("invalid-host", "\(host.key) is not a host", at: host.position)
            }
        }
        if let method = object.take("method"), let text = method.nonEmptyString(&report) {
            let known = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE"]
            if known.contains(text) {
                probe.method = text
            } else if text != "METHOD_UNSPECIFIED" {
                report.error("unknown-value", "\(method.key): unknown method \(text)", at: method.position)
            }
        }
        if let expected = object.take("expected_statuses").flatMap({ statuses($0, &report) }) { probe.expected = expected }
        if let retriable = object.take("retriable_statuses").flatMap({ statuses($0, &report) }) { probe.retriable = retriable }
        if let codec = object.take("codec_client_type") {
            probe.usesHTTP2 = codec.choice(of: [("HTTP1", false), ("HTTP2", true)], &report) ?? false
        }
        for key in ["send", "receive", "response_buffer_size", "request_headers_to_add", "request_headers_to_remove", "service_name_matcher"] {
            object.withoutEffect(key, because: "a probe has no content, and its status decides", &report)
        }
        object.finish(&report)
        return path == nil ? nil : .http(probe)
    }

    private func path(_ entry: ConfigEntry?, in object: NestedObject, _ report: inout DiagnosticReport) -> String? {
        guard let entry else {
            report.error("missing-key", "\(object.name) needs path", at: object.position)
            return nil
        }
        guard let text = entry.nonEmptyString(&report) else { return nil }
        guard text.hasPrefix("/"), text.utf8.count <= 4096, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("#") else {
            report.error(
                "invalid-path", "\(entry.key) must begin with / and hold no blanks", at: entry.position, help: "write for example /healthz")
            return nil
        }
        return text
    }

    private func statuses(_ entry: ConfigEntry, _ report: inout DiagnosticReport) -> [Range<Int>]? {
        guard let elements = entry.value.sequence else {
            entry.mismatch("a list", &report)
            return nil
        }
        var ranges: [Range<Int>] = []
        for element in elements {
            guard var object = NestedObject(entry.part(element), name: entry.key, &report) else { continue }
            let start = object.integer("start", in: 100...599, &report)
            let end = object.integer("end", in: 101...600, &report)
            object.finish(&report)
            guard let start, let end, start < end else {
                report.error(
                    "invalid-range", "\(entry.key) needs start and a greater end", at: element.position,
                    help: "the end is not included: {start: 200, end: 300}")
                continue
            }
            ranges.append(start..<end)
        }
        return ranges.isEmpty ? nil : ranges
    }

    func tcpProbe(_ entry: ConfigEntry, _ report: inout DiagnosticReport) -> HealthCheck.Probe? {
        guard var object = NestedObject(entry, name: "tcp_health_check", &report) else { return nil }
        var probe = TCPProbe()
        if let send = object.take("send") { probe.send = payload(send, &report) ?? [] }
        if let receive = object.take("receive") {
            let parts = receive.value.sequence ?? [receive.value]
            probe.receive = parts.compactMap { payload(receive.part($0), &report) }.filter { !$0.isEmpty }
        }
        object.withoutEffect("proxy_protocol_config", because: "probes are sent without it", &report)
        object.finish(&report)
        return .tcp(probe)
    }

    private func payload(_ entry: ConfigEntry, _ report: inout DiagnosticReport) -> [UInt8]? {
        guard var object = NestedObject(entry, name: entry.key, &report) else { return nil }
        let text = object.take("text")
        let binary = object.take("binary")
        object.finish(&report)
        let bytes = text.flatMap { $0.value.scalarText }.flatMap(Self.hex) ?? binary.flatMap { $0.value.scalarText }.flatMap { Base64Text.decode($0) }
        guard let bytes, bytes.count <= 4096, text == nil || binary == nil else {
            report.error(
                "invalid-payload", "\(entry.key) must be {text: hex digits} or {binary: base64} of at most 4096 bytes", at: entry.position,
                help: "write for example {text: \"50494e47\"} for PING")
            return nil
        }
        return bytes
    }

    private static func hex(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
    }

    func grpcProbe(_ entry: ConfigEntry, _ report: inout DiagnosticReport) -> HealthCheck.Probe? {
        guard var object = NestedObject(entry, name: "grpc_health_check", &report) else { return nil }
        let service = object.take("service_name")?.string(&report) ?? ""
        let authority = object.take("authority")?.string(&report) ?? ""
        object.withoutEffect("initial_metadata", because: "probes carry no metadata", &report)
        object.finish(&report)
        guard service.utf8.count <= 1024, authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            report.error("invalid-host", "\(object.name): authority is not a host, or service_name is too long", at: object.position)
            return nil
        }
        return .grpc(service: service, authority: authority.isEmpty ? nil : authority)
    }
}
