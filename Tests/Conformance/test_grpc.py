"""grpcio's client and server with Postern between them, and gRPC-Web, which passes as any HTTP/1.1 request."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import pytest
from conftest import require_http2, route_on_localhost
from support.client import curl
from support.configuration import Configuration

LARGE = 8 * 1024 * 1024


class Service(grpc.GenericRpcHandler):
    """Messages are bytes as they come; no schema is needed to see whether they pass."""

    def __init__(self):
        self.cancelled = threading.Event()

    def service(self, details):
        kind = {
            "/test/Echo": grpc.unary_unary_rpc_method_handler(self._echo),
            "/test/Fail": grpc.unary_unary_rpc_method_handler(self._fail),
            "/test/Sleep": grpc.unary_unary_rpc_method_handler(self._sleep),
            "/test/Count": grpc.unary_stream_rpc_method_handler(self._count),
            "/test/Endless": grpc.unary_stream_rpc_method_handler(self._endless),
            "/test/Join": grpc.stream_unary_rpc_method_handler(lambda messages, _: b"".join(messages)),
            "/test/Chat": grpc.stream_stream_rpc_method_handler(lambda messages, _: (message[::-1] for message in messages)),
        }
        return kind.get(details.method)

    @staticmethod
    def _echo(message, context):
        received = {key: value for key, value in context.invocation_metadata()}
        context.send_initial_metadata((("x-initial", "yes"), ("x-got", received.get("x-sent", "nothing"))))
        context.set_trailing_metadata((("x-trailing", "yes"), ("x-data-bin", received.get("x-data-bin", b""))))
        return message

    @staticmethod
    def _fail(message, context):
        context.set_trailing_metadata((("x-why", "because"),))
        context.abort(grpc.StatusCode(next(code.value for code in grpc.StatusCode if code.name == message.decode())), "Ü 100% \n as asked")

    @staticmethod
    def _sleep(message, context):
        time.sleep(float(message))
        return b"slept"

    @staticmethod
    def _count(message, context):
        for number in range(int(message)):
            yield str(number).encode()
        context.set_trailing_metadata((("x-counted", message.decode()),))

    def _endless(self, message, context):
        context.add_callback(self.cancelled.set)
        while context.is_active():
            yield message
            time.sleep(0.05)


@pytest.fixture(scope="module")
def service():
    return Service()


@pytest.fixture(scope="module")
def channel(run_server, service):
    server = grpc.server(ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", -1)])
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    postern = run_server(route_on_localhost(Configuration(), f"h2c://127.0.0.1:{port}", timeout="0s", idle_timeout="0s"))
    require_http2(postern)
    credentials = grpc.ssl_channel_credentials(postern.server.ca.read_bytes())
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    with grpc.secure_channel(f"localhost:{postern.port}", credentials, options) as channel:
        yield channel
    server.stop(0)


def test_unary_with_metadata_both_ways(channel):
    metadata = (("x-sent", "here it is"), ("x-data-bin", bytes(range(256))))
    answer, call = channel.unary_unary("/test/Echo").with_call(b"hello", timeout=10, metadata=metadata)
    initial, trailing = dict(call.initial_metadata()), dict(call.trailing_metadata())
    assert (answer, call.code()) == (b"hello", grpc.StatusCode.OK)
    assert (initial["x-initial"], initial["x-got"]) == ("yes", "here it is")
    assert (trailing["x-trailing"], trailing["x-data-bin"]) == ("yes", bytes(range(256)))


@pytest.mark.parametrize("size", [0, 1, 16384, 65536, LARGE])
def test_messages_of_all_sizes(channel, size):
    message = bytes(range(256)) * (size // 256) + b"a" * (size % 256)
    assert channel.unary_unary("/test/Echo")(message, timeout=60) == message


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_errors_keep_code_message_and_trailers(channel, code):
    with pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary("/test/Fail")(code.name.encode(), timeout=10)
    assert failed.value.code() is code
    assert failed.value.details() == "Ü 100% \n as asked"
    assert dict(failed.value.trailing_metadata())["x-why"] == "because"


def test_an_unknown_method_is_unimplemented(channel):
    with pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary("/test/Nothing")(b"", timeout=10)
    assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_server_streaming_and_its_trailers(channel):
    call = channel.unary_stream("/test/Count")(b"2000", timeout=30)
    assert [int(message) for message in call] == list(range(2000))
    assert dict(call.trailing_metadata())["x-counted"] == "2000"


def test_client_streaming(channel):
    parts = [str(number).encode() * 100 for number in range(2000)]
    assert channel.stream_unary("/test/Join")(iter(parts), timeout=30) == b"".join(parts)


def test_bidirectional_streaming_is_not_held_back(channel):
    """Each message is only sent when the answer to the one before has come."""
    answered = threading.Semaphore(1)

    def messages():
        for number in range(200):
            assert answered.acquire(timeout=10)
            yield f"message {number}".encode()

    count = 0
    for answer in channel.stream_stream("/test/Chat")(messages(), timeout=30):
        assert answer == f"message {count}".encode()[::-1]
        count += 1
        answered.release()
    assert count == 200


def test_a_deadline(channel):
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary("/test/Sleep")(b"5", timeout=0.5)
    assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 3


def test_a_cancelled_call_reaches_the_application(channel, service):
    service.cancelled.clear()
    call = channel.unary_stream("/test/Endless")(b"again", timeout=60)
    assert next(call) == b"again"
    call.cancel()
    assert service.cancelled.wait(10)


def test_many_calls_at_once(channel):
    echo = channel.unary_unary("/test/Echo")
    calls = [echo.future(f"{number}".encode(), timeout=30) for number in range(500)]
    assert [call.result() for call in calls] == [f"{number}".encode() for number in range(500)]


TRAILERS = b"grpc-status:0\r\ngrpc-message:\r\n"


class _WebHandler(BaseHTTPRequestHandler):
    """Answers gRPC-Web with the message it got and a frame of trailers."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        data = body + b"\x80" + len(TRAILERS).to_bytes(4, "big") + TRAILERS
        self.send_response(200)
        self.send_header("Content-Type", self.headers["Content-Type"])
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (data[:7], data[7:]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")


@pytest.fixture(scope="module")
def grpc_web(run_server):
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), _WebHandler)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    target = f"http://127.0.0.1:{upstream.server_address[1]}"
    config = route_on_localhost(Configuration(), target).route("guarded", target)
    yield run_server(config)
    upstream.shutdown()


FRAME = b"\x00\x00\x00\x00\x05hello"


@pytest.mark.parametrize("content_type", ["application/grpc-web", "application/grpc-web+proto"])
def test_grpc_web_passes(grpc_web, tmp_path, content_type):
    (tmp_path / "message").write_bytes(FRAME)
    answer = curl(
        grpc_web.server, grpc_web.localhost(path="/test/Echo"), "--http1.1", "--raw", "--data-binary", f"@{tmp_path}/message",
        headers=[f"Content-Type: {content_type}", "X-Grpc-Web: 1"],
    )  # fmt: skip
    assert (answer.status, answer.header("Content-Type")) == (200, content_type)
    expected = FRAME + b"\x80" + len(TRAILERS).to_bytes(4, "big") + TRAILERS
    assert b"".join(part for part in answer.body.split(b"\r\n", 1)[1:])  # something came
    decoded, rest = b"", answer.body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        decoded, rest = decoded + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    assert decoded == expected


def test_grpc_web_without_a_session_is_told_in_its_own_form(grpc_web, tmp_path):
    (tmp_path / "message").write_bytes(FRAME)
    answer = curl(
        grpc_web.server, grpc_web.config.url("guarded", "/test/Echo"), "--http1.1", "--data-binary", f"@{tmp_path}/message",
        headers=["Content-Type: application/grpc-web+proto", "X-Grpc-Web: 1"],
    )  # fmt: skip
    assert answer.header("Content-Type").startswith("application/grpc-web")
    assert b"grpc-status:16" in answer.body.replace(b": ", b":") or answer.header("grpc-status") == "16", (answer.headers, answer.body)
