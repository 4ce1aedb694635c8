"""Floods: the connection is ended or kept within bounds, the memory stays where it was, and others are served meanwhile."""

import pytest
from harness.target import ALLOWED
from hyperframe.frame import ContinuationFrame, DataFrame, PingFrame, PriorityFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame


@pytest.fixture(autouse=True)
def bounded(target):
    """No flood makes the process hold much more than before; looked at while the attack stands, and behind it."""
    before = target.memory()
    yield lambda: _check(target, before)
    _check(target, before)
    target.arrived()


def _check(target, before):
    grown = target.memory() - before
    assert grown < ALLOWED, f"memory rose by {grown >> 20} MiB"
    assert target.serves()


def flood(connection, make, count, batch=100):
    """Sends frames until the peer ends the connection. Returns how many were sent; answers are not read, as an attacker would not."""
    for number in range(0, count, batch):
        if not connection.send(*(frame for index in range(number, number + batch) for frame in make(index))):
            return number
    return count


def ended(connection, sent, count):
    """Asserts that the connection was ended before everything was taken, with GOAWAY if its bytes could still be read."""
    outcome = connection.settle(lambda outcome: outcome.goaway not in (None, "NO_ERROR"), 10)
    assert outcome.closed or outcome.goaway not in (None, "NO_ERROR"), f"{sent} of {count} frames were taken: {outcome}"
    return outcome


def test_rapid_reset(target, bounded):
    """CVE-2023-44487: streams that are opened and cancelled at once, faster than any limit of open streams sees."""
    with target.connect() as connection:

        def make(index):
            return connection.headers_frame(connection.request_fields(), 2 * index + 1), RstStreamFrame(2 * index + 1, 8)

        sent = flood(connection, make, 50_000)
        ended(connection, sent, 50_000)
        bounded()
    assert len(target.arrived()) < 25_000


def test_resets_that_the_server_is_made_to_send(target, bounded):
    """CVE-2025-8671: a frame that is an error of the stream, so that the server resets what it has begun."""
    with target.connect() as connection:

        def make(index):
            stream = 2 * index + 1
            return connection.headers_frame(connection.request_fields(method="POST"), stream, False), WindowUpdateFrame(stream, (1 << 31) - 1)

        sent = flood(connection, make, 50_000)
        ended(connection, sent, 50_000)
        bounded()


def test_continuation_flood(target, bounded):
    """CVE-2024-27316 and others: a field block without an end."""
    with target.connect() as connection:
        headers = connection.headers_frame(connection.request_fields())
        headers.flags.discard("END_HEADERS")
        connection.send(headers)
        piece = b"\x00\x01a\x7f\x81\x7e" + b"b" * 0x3F7D + b"\x00\x01a\x00"
        sent = flood(connection, lambda _: [ContinuationFrame(1, piece[:16384])], 8_000, 10)
        ended(connection, sent, 8_000)
        bounded()
    assert sent < 4_000


def test_empty_continuations(target, bounded):
    with target.connect() as connection:
        headers = connection.headers_frame(connection.request_fields())
        headers.flags.discard("END_HEADERS")
        connection.send(headers)
        sent = flood(connection, lambda _: [ContinuationFrame(1, b"")], 200_000, 1000)
        ended(connection, sent, 200_000)
        bounded()


@pytest.mark.parametrize(
    "frame",
    [SettingsFrame(0, settings={3: 100}), PingFrame(0, b"attack!!")],
    ids=["settings", "ping"],
)
def test_frames_that_ask_for_an_answer_nobody_reads(target, bounded, frame):
    """CVE-2019-9512, CVE-2019-9515: the answers must not pile up."""
    with target.connect() as connection:
        connection.socket.settimeout(3)
        try:
            flood(connection, lambda _: [frame], 1_000_000, 2000)
        except TimeoutError:
            pass
        bounded()


@pytest.mark.parametrize("kind", ["priority", "window", "empty data", "unknown"])
def test_frames_without_effect(target, bounded, kind):
    """CVE-2019-9513, CVE-2019-9518: they may be taken, but cost no memory and nobody else's time."""
    with target.connect() as connection:
        connection.send(connection.headers_frame(connection.request_fields(method="POST"), end_stream=False))
        frames = {
            "priority": lambda index: [PriorityFrame(2 * (index % 1000) + 1, depends_on=0, stream_weight=index % 256)],
            "window": lambda index: [WindowUpdateFrame(0, 1)],
            "empty data": lambda index: [DataFrame(1, b"")],
            "unknown": lambda index: [PingFrame(0, b"12345678", flags=["ACK"])],
        }
        flood(connection, frames[kind], 100_000, 1000)
        bounded()


def test_a_field_bomb(target, bounded):
    """A field of 4,000 bytes put into the table once and named by one byte each ten thousand times: 40 MB from 14 KB."""
    with target.connect() as connection:
        first = connection.encoder.encode([*connection.request_fields("/alive"), ("x-bomb", "a" * 3900)], huffman=False)
        connection.send(connection.block_frame(first))
        connection.answered()
        target.arrived()
        block = connection.encoder.encode(connection.request_fields(), huffman=False) + b"\xbe" * 10_000
        connection.send(connection.block_frame(block, 3))
        outcome = connection.settle(lambda outcome: outcome.refused(3), 10)
        assert outcome.refused(3), str(outcome)
        bounded()
    assert not [message for message in target.arrived() if message.target == b"/first"]


def test_very_many_fields(target, bounded):
    with target.connect() as connection:
        connection.send(connection.block_frame(connection.encoder.encode(connection.request_fields(), huffman=False) + b"\x00\x01a\x00" * 3_500))
        outcome = connection.settle(lambda outcome: outcome.refused(), 10)
        assert outcome.refused(), str(outcome)


def test_a_huge_table_of_the_client(target, bounded):
    """What a client would keep is no reason for the server to keep it too."""
    with target.connect(settings={1: (1 << 32) - 1}) as connection:
        for stream in range(1, 401, 2):
            fields = connection.request_fields(f"/alive?{stream}", extra=[(f"x-{stream}", str(stream) * 100)])
            outcome = connection.request(fields, stream).answered(stream)
            assert outcome.statuses.get(stream) == 200 or outcome.goaway, str(outcome)
            if outcome.goaway:
                break
        bounded()


def test_more_streams_than_allowed(target, bounded):
    """Streams that never end: beyond the announced limit they are refused, or the connection is."""
    with target.connect() as connection:
        connection.settle(lambda outcome: outcome.acknowledged, 2)
        sent = flood(connection, lambda index: [connection.headers_frame(connection.request_fields(method="POST"), 2 * index + 1, False)], 5_000)
        outcome = connection.settle(lambda outcome: len(outcome.resets) > 4_000, 5)
        assert outcome.closed or outcome.goaway or len(outcome.resets) > 3_000, f"{sent} streams: {outcome}"
        bounded()


def test_answers_that_nobody_takes(target, bounded):
    """A window of nothing: a hundred answers wait, and are not kept in memory."""
    with target.connect(settings={4: 0}) as connection:
        for index in range(100):
            connection.request(connection.request_fields("/large"), 2 * index + 1)
        outcome = connection.settle(lambda outcome: len(outcome.statuses) >= 100, 5)
        assert len(outcome.statuses) + len(outcome.resets) >= 90, str(outcome)
        bounded()


def test_answers_taken_byte_by_byte(target, bounded):
    """CVE-2019-9511: a window that is opened by one byte each time."""
    with target.connect(settings={4: 1}) as connection:
        streams = [2 * index + 1 for index in range(50)]
        for stream in streams:
            connection.request(connection.request_fields("/large"), stream)
        connection.settle(lambda outcome: len(outcome.statuses) >= 50, 5)
        for _ in range(100):
            if not connection.send(*(WindowUpdateFrame(stream, 1) for stream in streams)):
                break
        connection.settle(lambda outcome: all(len(outcome.bodies.get(stream, b"")) > 50 for stream in streams), 5)
        bounded()


def test_a_header_that_never_ends_is_given_up(target, bounded):
    """A client that says nothing more in the middle of a field block: the read timeout ends it."""
    with target.connect() as connection:
        headers = connection.headers_frame(connection.request_fields())
        headers.flags.discard("END_HEADERS")
        connection.send(headers)
        outcome = connection.settle(seconds=20)
        assert outcome.closed or outcome.goaway not in (None, "NO_ERROR"), str(outcome)
