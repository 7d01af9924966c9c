"""WebSockets on real sockets: protocol rules, closing handshake, time. R numbers are those of crossws."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.server.conftest import Serve, Served
from tests.server.support import (
    BINARY,
    CLOSE,
    CONTINUATION,
    NO_FIN,
    PING,
    PONG,
    TEXT,
    RecordingLink,
    StubHandler,
    echo,
    frame,
    upgrade_request,
)
from workbench.server import InvalidClose, WebSocketFailure, WebSocketTransport


def close_frame(code: int, reason: bytes = b"") -> bytes:
    """Make the payload of a close frame."""
    return code.to_bytes(2, "big") + reason


@contextlib.contextmanager
def client(served: Served, path: str = "/", **options: Any) -> Iterator[ClientConnection]:
    """Connect a real client."""
    with connect(served.ws_url + path, proxy=None, **options) as connection:
        yield connection


def link_of(served: Served) -> RecordingLink:
    """Give the link of a stub handler."""
    handler = served.handler
    assert isinstance(handler, StubHandler)
    return handler.link


def test_text_comes_as_str_and_binary_as_bytes(serve: Serve) -> None:
    """R40: text frames are text, binary frames bytes, empty ones included."""
    served = serve()
    with client(served) as connection:
        for data in ("hello", "", "ü€𝄞", b"\x00\xff", b""):
            connection.send(data)
            assert connection.recv() == data
    messages = [event[1] for event in link_of(served).seen if event[0] == "message"]
    assert messages == ["hello", "", "ü€𝄞", b"\x00\xff", b""]


@pytest.mark.parametrize("size", [125, 126, 65535, 65536, 1_000_000])
def test_every_length_of_frame_is_carried(serve: Serve, size: int) -> None:
    """The three encodings of a length, and messages beyond any buffer, come back as they went."""
    with client(serve(), max_size=None) as connection:
        connection.send(b"x" * size)
        assert connection.recv() == b"x" * size


def test_fragments_make_one_message_with_control_frames_between(serve: Serve) -> None:
    """R41: fragments are put together, a ping in between is answered at once."""
    served = serve()
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT & NO_FIN, b"h\xc3") + frame(PING, b"p") + frame(CONTINUATION & NO_FIN, b""))
    assert wire.frame() == (PONG, b"p")
    wire.send(frame(CONTINUATION, b"\xa4!"))
    assert wire.frame() == (TEXT, "hä!".encode())
    wire.send(frame(TEXT, b"next"))
    assert wire.frame() == (TEXT, b"next")
    assert link_of(served).names()[:3] == ["opened", "ping", "message"]


def test_counters_count_messages_and_payload_bytes(serve: Serve) -> None:
    """The transport counts what went through, whole and fragmented, without control frames."""
    served = serve()
    with client(served) as connection:
        connection.send("abc")
        connection.send(["d", "e"])
        connection.send(b"fg")
        connection.send("é" * 10)
        for _ in range(4):
            connection.recv()
        connection.ping().wait(10)
        counters = link_of(served).transport.counters
        assert (counters.messages_in, counters.bytes_in) == (4, 27)
        assert (counters.messages_out, counters.bytes_out) == (4, 27)


VIOLATIONS = {
    "unmasked": (frame(TEXT, b"x", masked=False), 1002),
    "reserved bit 1": (frame(TEXT | 0x40, b"x"), 1002),
    "reserved bit 2": (frame(TEXT | 0x20, b"x"), 1002),
    "reserved bit 3 of a ping": (frame(PING | 0x10, b"x"), 1002),
    "bad opcode": (frame(0x83, b"x"), 1002),
    "bad control opcode": (frame(0x8B, b"x"), 1002),
    "fragmented ping": (frame(PING & NO_FIN, b"x"), 1002),
    "long ping": (frame(PING, b"x" * 126), 1002),
    "continuation of nothing": (frame(CONTINUATION, b"x"), 1002),
    "message within a message": (frame(TEXT & NO_FIN, b"x") + frame(TEXT, b"y"), 1002),
    "length not minimal": (bytes((TEXT, 0x80 | 126, 0, 5)) + bytes(9), 1002),
    "length beyond 63 bits": (bytes((TEXT, 0xFF)) + b"\xff" * 8 + bytes(4), 1002),
    "text not UTF-8": (frame(TEXT, b"\xff"), 1007),
    "surrogate in text": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "text not UTF-8 over fragments": (frame(TEXT & NO_FIN, b"\xc3") + frame(CONTINUATION, b"x"), 1007),
    "text cut in a character": (frame(TEXT & NO_FIN, b"x") + frame(CONTINUATION, b"\xc3"), 1007),
    "message too big": (frame(BINARY, b"x" * 1001), 1009),
    "message announced too big": (frame(BINARY, b"", size=1 << 40), 1009),
    "message too big over fragments": (
        frame(BINARY & NO_FIN, b"x" * 600) + frame(CONTINUATION, b"x" * 600),
        1009,
    ),
    "close of one byte": (frame(CLOSE, b"\x03"), 1002),
    "close code 999": (frame(CLOSE, close_frame(999)), 1002),
    "close code 0": (frame(CLOSE, close_frame(0)), 1002),
    "close code 1006": (frame(CLOSE, close_frame(1006)), 1002),
    "close code 2999": (frame(CLOSE, close_frame(2999)), 1002),
    "close code 5000": (frame(CLOSE, close_frame(5000)), 1002),
    "close reason not UTF-8": (frame(CLOSE, close_frame(1000, b"\xff")), 1007),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_fails_the_connection(serve: Serve, violation: str) -> None:
    """R31: the link hears of it, then the close frame goes out, then 1006; earlier messages are served."""
    data, code = VIOLATIONS[violation]
    served = serve(max_message=1000)
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"before") + data + frame(TEXT, b"after"))
    assert wire.frame() == (TEXT, b"before")
    assert wire.frame() == (CLOSE, close_frame(code))
    assert wire.rest() == b""
    wire.socket.close()
    assert link_of(served).expect("closed") == ("closed", 1006, "")
    events = link_of(served).seen
    assert [event[0] for event in events] == ["opened", "message", "failed", "closed"]
    assert events[2][1] == code


def test_failure_is_1006_even_if_the_client_answers_the_close_frame(serve: Serve) -> None:
    """R31: after a violation nothing more is read, so the client's close code is not known."""
    served = serve()
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(0x83, b"x"))
    wire.frame()
    wire.send(frame(CLOSE, close_frame(1002)))
    wire.socket.close()
    assert link_of(served).expect("closed") == ("closed", 1006, "")
    assert "close_received" not in link_of(served).names()


def test_link_can_still_send_when_it_hears_of_a_failure(serve: Serve) -> None:
    """The failure is told before the close frame goes out: what is sent then arrives."""
    link = RecordingLink()

    def failed(error: WebSocketFailure) -> None:
        link.transport.send(f"failed {error.code}")

    link.failed = failed  # type: ignore[method-assign]
    served = serve(StubHandler(upgrade=accepting(link)))
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(0x83, b"x"))
    assert wire.frame() == (TEXT, b"failed 1002")
    assert wire.frame() == (CLOSE, close_frame(1002))


@pytest.mark.parametrize("size", [5, 200, 70_000])
def test_frames_after_an_alarm_are_well_formed(serve: Serve, size: int) -> None:
    """Replies to messages in the same packet as a violation are written by hand, at every length."""
    served = serve(StubHandler(upgrade=accepting(RecordingLink(lambda t, _: t.send("x" * size)))))
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"go") + frame(0x83, b"x"))
    assert wire.frame() == (TEXT, b"x" * size)
    assert wire.frame() == (CLOSE, close_frame(1002))


def accepting(link: RecordingLink, **options: Any) -> Any:
    """Give an upgrade function that opens this link."""

    def upgrade(_: object, handshake: Any) -> None:
        handshake.accept(link, **options)

    return upgrade


def test_client_close_is_echoed_and_reported_with_code_and_reason(serve: Serve) -> None:
    """R39: its code and reason; exactly one closed, no failure."""
    served = serve()
    with client(served) as connection:
        connection.close(4001, "my reason")
        assert (connection.close_code, connection.close_reason) == (4001, "my reason")
    link = link_of(served)
    assert link.expect("closed") == ("closed", 4001, "my reason")
    assert link.names() == ["opened", "close_received", "closed"]


def test_client_close_without_a_code_is_1005(serve: Serve) -> None:
    """R39: no status is 1005 with an empty reason, and echoed as such."""
    served = serve()
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(CLOSE))
    assert wire.frame() == (CLOSE, b"")
    wire.socket.close()
    assert link_of(served).expect("closed") == ("closed", 1005, "")


def test_tcp_drop_is_1006(serve: Serve) -> None:
    """R39: a connection that ends without a close frame, reset or not, is 1006."""
    served = serve()
    wire = served.wire()
    wire.upgrade()
    wire.socket.close()
    assert link_of(served).expect("closed") == ("closed", 1006, "")


def test_server_close_reaches_both_sides(serve: Serve) -> None:
    """R38: the client sees code and reason, and the link gets them back."""
    link = RecordingLink(lambda transport, _: transport.close(4005, "bye"))
    served = serve(StubHandler(upgrade=accepting(link)))
    with client(served) as connection:
        connection.send("go")
        with pytest.raises(ConnectionClosed):
            connection.recv()
        assert (connection.close_code, connection.close_reason) == (4005, "bye")
    assert link.expect("closed") == ("closed", 4005, "bye")


def test_server_close_without_code_is_1005_on_both_sides(serve: Serve) -> None:
    """R38: close() sends no status."""
    link = RecordingLink(lambda transport, _: transport.close())
    served = serve(StubHandler(upgrade=accepting(link)))
    with client(served) as connection:
        connection.send("go")
        with pytest.raises(ConnectionClosed):
            connection.recv()
        assert connection.close_code == 1005
    assert link.expect("closed") == ("closed", 1005, "")


def test_terminate_is_1006_on_both_sides(serve: Serve) -> None:
    """R38: terminate() drops TCP."""
    link = RecordingLink(lambda transport, _: transport.terminate())
    served = serve(StubHandler(upgrade=accepting(link)))
    with client(served) as connection:
        connection.send("go")
        with pytest.raises(ConnectionClosed):
            connection.recv()
        assert connection.close_code == 1006
    assert link.expect("closed") == ("closed", 1006, "")
    link.transport.terminate()


def test_invalid_close_raises_and_changes_nothing(serve: Serve) -> None:
    """R38: a forbidden code or a long reason leaves the WebSocket as it was."""
    refused: list[str] = []

    def try_to_close(transport: WebSocketTransport, _: object) -> None:
        for code, reason in (
            (999, ""),
            (1005, ""),
            (1006, ""),
            (1015, ""),
            (2999, ""),
            (5000, ""),
            (4000, "ä" * 62),
        ):
            try:
                transport.close(code, reason)
            except InvalidClose as error:
                refused.append(str(error))
        transport.send("open" if transport.state == 1 else "closed")

    served = serve(StubHandler(upgrade=accepting(RecordingLink(try_to_close))))
    with client(served) as connection:
        connection.send("go")
        assert connection.recv() == "open"
    assert len(refused) == 7


def test_send_after_close_is_silently_ignored(serve: Serve) -> None:
    """R38: nothing is sent, nothing is raised, a second close changes nothing."""

    def close_then_send(transport: WebSocketTransport, _: object) -> None:
        transport.close(4006, "first")
        assert transport.state == 2
        transport.send("late")
        transport.ping(b"late")
        transport.close(4007, "second")

    link = RecordingLink(close_then_send)
    served = serve(StubHandler(upgrade=accepting(link)))
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"go"))
    assert wire.frame() == (CLOSE, close_frame(4006, b"first"))
    wire.send(frame(CLOSE, close_frame(4006, b"first")))
    assert wire.rest() == b""
    wire.socket.close()
    link.expect("closed")
    link.transport.send("too late")
    link.transport.close()
    assert link.transport.state == 3


def test_messages_after_close_are_dispatched_until_the_client_answers(serve: Serve) -> None:
    """R28: closing is not deaf; a ping meanwhile is surfaced but not answered."""
    link = RecordingLink(lambda transport, _: transport.close(4006))
    served = serve(StubHandler(upgrade=accepting(link)))
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"one"))
    wire.frame()
    wire.send(
        frame(TEXT, b"two") + frame(PING, b"p") + frame(CLOSE, close_frame(4006)) + frame(TEXT, b"three")
    )
    assert wire.rest() == b""
    wire.socket.close()
    link.expect("closed")
    assert link.names() == ["opened", "message", "message", "ping", "close_received", "closed"]


def test_closed_waits_for_the_end_of_tcp(serve: Serve) -> None:
    """R28b: not at the close frame, but when the client ends TCP."""
    served = serve()
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(CLOSE, close_frame(1000)))
    assert wire.frame() == (CLOSE, close_frame(1000))
    assert wire.rest() == b""  # our side has ended
    link = link_of(served)
    link.expect("close_received")
    assert "closed" not in link.names()
    wire.socket.close()
    assert link.expect("closed") == ("closed", 1000, "")


def test_a_client_that_keeps_tcp_open_is_given_up(serve: Serve) -> None:
    """R28b: after the close timeout the connection is cut; code and reason are those of the handshake."""
    served = serve(close_timeout=0.1)
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(CLOSE, close_frame(4003, b"x")))
    assert link_of(served).expect("closed") == ("closed", 4003, "x")


def test_a_client_that_never_answers_close_is_given_up(serve: Serve) -> None:
    """R28b, R38: without the client's close frame it is 1006."""
    link = RecordingLink(lambda transport, _: transport.close(4006))
    served = serve(StubHandler(upgrade=accepting(link)), close_timeout=0.1)
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"go"))
    assert link.expect("closed") == ("closed", 1006, "")


def test_pings_are_answered_and_surfaced(serve: Serve) -> None:
    """R42: the payload reaches the hooks; the pong is sent by itself."""
    served = serve()
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(PING, b"are you there") + frame(PONG, b"here"))
    assert wire.frame() == (PONG, b"are you there")
    assert link_of(served).expect("ping") == ("ping", b"are you there")
    assert link_of(served).expect("pong") == ("pong", b"here")


def test_a_client_that_reads_no_pongs_gets_the_latest_only(serve: Serve) -> None:
    """A flood of pings must not fill the memory; the latest is answered once the client reads."""

    def flood(transport: WebSocketTransport, _: object) -> None:
        while transport.buffered_amount < 300_000:
            transport.send(b"x" * 100_000)
            sent.append(1)

    sent: list[int] = []
    link = RecordingLink(flood)
    served = serve(StubHandler(upgrade=accepting(link)))
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"go") + b"".join(frame(PING, b"%d" % number) for number in range(10)))
    while link.expect("ping") != ("ping", b"9"):
        pass
    assert link.transport.buffered_amount >= 300_000
    for _ in sent:
        assert len(wire.frame()[1]) == 100_000
    assert wire.frame() == (PONG, b"9")
    wire.send(frame(PING, b"again"))
    assert wire.frame() == (PONG, b"again")


def test_ping_sends_up_to_125_bytes(serve: Serve) -> None:
    """R42: a longer one raises and the WebSocket stays open."""

    def ping(transport: WebSocketTransport, _: object) -> None:
        with pytest.raises(ValueError, match="125"):
            transport.ping(b"x" * 126)
        transport.ping(b"x" * 125)

    served = serve(StubHandler(upgrade=accepting(RecordingLink(ping))))
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"go"))
    assert wire.frame() == (PING, b"x" * 125)


def test_idle_timeout_pings_then_drops(serve: Serve) -> None:
    """R50, R42: a silent client gets a heartbeat, and is dropped one period later with 1006."""
    served = serve(idle_timeout=0.15)
    wire = served.wire()
    wire.upgrade()
    assert wire.frame() == (PING, b"crossws-ping")
    assert wire.rest() == b""
    assert link_of(served).expect("closed") == ("closed", 1006, "")


@pytest.mark.parametrize(
    "sign", [frame(PONG, b"crossws-ping"), frame(TEXT, b"x"), frame(PING), frame(PONG, b"z")]
)
def test_any_sign_of_life_keeps_a_client(serve: Serve, sign: bytes) -> None:
    """R50, R42: message, ping and pong count; the pong to a heartbeat is hidden from the link."""
    served = serve(idle_timeout=0.1)
    wire = served.wire()
    wire.upgrade()
    heartbeats = 0
    while heartbeats < 3:
        if wire.frame() == (PING, b"crossws-ping"):
            heartbeats += 1
            wire.send(sign)
    assert "closed" not in link_of(served).names()
    assert ("pong", b"crossws-ping") not in link_of(served).seen


def test_idle_timeout_of_one_handshake_wins(serve: Serve) -> None:
    """A handshake may set its own idle timeout, and none at all."""
    never, soon = RecordingLink(), RecordingLink()
    links = iter((never, soon))
    timeouts = iter((None, 0.1))
    served = serve(
        StubHandler(upgrade=lambda _, h: h.accept(next(links), idle_timeout=next(timeouts))),
        idle_timeout=0.1,
    )
    first, second = served.wire(), served.wire()
    first.upgrade()
    second.upgrade()
    soon.expect("closed")
    assert "closed" not in never.names()
    assert first.is_quiet()


def test_drained_follows_backpressure(serve: Serve) -> None:
    """A slow client makes bytes wait; once it has read them the link hears of it."""
    amounts: list[int] = []

    def flood(transport: WebSocketTransport, _: object) -> None:
        while transport.buffered_amount < 300_000:
            amounts.append(transport.send(b"x" * 100_000))
        link.add("flooded")

    link = RecordingLink(flood)
    served = serve(StubHandler(upgrade=accepting(link)))
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"go"))
    link.expect("flooded")
    assert "drained" not in link.names()
    for _ in amounts:
        assert len(wire.frame()[1]) == 100_000
    link.expect("drained")
    assert max(amounts) >= 300_000
    assert link.transport.buffered_amount == 0


def test_paused_reading_holds_messages_that_were_read_already(serve: Serve) -> None:
    """After pause_reading nothing is dispatched, not even frames read before; resume keeps the order."""
    link = RecordingLink(lambda transport, data: transport.pause_reading() if data == "stop" else None)
    served = serve(StubHandler(upgrade=accepting(link)))
    wire = served.wire()
    wire.upgrade()
    wire.send(
        frame(TEXT, b"stop")
        + frame(TEXT & NO_FIN, b"a")
        + frame(CONTINUATION, b"b")
        + frame(TEXT, b"stop")
        + frame(BINARY, b"c")
        + frame(0x83, b"violation")
    )
    link.expect("message")
    assert wire.is_quiet()
    assert link.names() == ["opened", "message"]
    served.server.post(link.transport.resume_reading)
    assert link.expect("message") == ("message", "ab")
    assert link.expect("message") == ("message", "stop")
    assert wire.is_quiet()
    served.server.post(link.transport.resume_reading)
    assert link.expect("message") == ("message", b"c")
    assert link.expect("failed")[1] == 1002
    served.server.post(link.transport.resume_reading)
    served.server.post(link.transport.pause_reading)


def test_resume_reading_goes_on_with_what_comes_later(serve: Serve) -> None:
    """A pause ends as if it had not been, and a second resume is nothing."""
    served = serve()
    link = link_of(served)
    with client(served) as connection:
        connection.send("x")
        assert connection.recv() == "x"
        served.server.post(link.transport.pause_reading)
        served.server.post(link.transport.pause_reading)
        connection.send("y")
        with pytest.raises(TimeoutError):
            connection.recv(0.1)
        served.server.post(link.transport.resume_reading)
        assert connection.recv() == "y"
        served.server.post(link.transport.resume_reading)
        connection.send("z")
        assert connection.recv() == "z"


def test_paused_timers_do_not_strike(serve: Serve) -> None:
    """While timers are paused neither idleness nor an unanswered close ends a connection."""
    link = RecordingLink(lambda transport, _: transport.close())

    def upgrade(_: object, handshake: Any) -> None:
        handshake.accept(link).pause_timers()

    served = serve(StubHandler(upgrade=upgrade), idle_timeout=0.05, close_timeout=0.05)
    wire = served.wire()
    wire.upgrade()
    for _ in range(4):
        assert wire.frame() == (PING, b"crossws-ping")
    wire.send(frame(TEXT, b"go"))
    while wire.frame()[0] != CLOSE:
        pass
    time.sleep(0.12)
    assert "closed" not in link.names()
    served.server.post(link.transport.resume_timers)
    assert link.expect("closed") == ("closed", 1006, "")


def test_pausing_timers_stops_one_that_runs(serve: Serve) -> None:
    """A close timeout that has begun stops, and begins again on resume."""
    link = RecordingLink(lambda transport, _: transport.close())
    served = serve(StubHandler(upgrade=accepting(link)), close_timeout=0.1)
    wire = served.wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"go"))
    wire.frame()
    served.server.post(link.transport.pause_timers)
    time.sleep(0.15)
    assert "closed" not in link.names()
    served.server.post(link.transport.resume_timers)
    link.expect("closed")


def test_frames_sent_with_the_handshake_are_dispatched(serve: Serve) -> None:
    """Bytes that follow the request in one segment are not lost, and come after opened (crossws R26)."""
    served = serve()
    wire = served.wire()
    wire.upgrade(after=frame(TEXT, b"early") + frame(BINARY, b"x" * 100_000))
    assert wire.frame() == (TEXT, b"early")
    assert wire.frame() == (BINARY, b"x" * 100_000)
    assert link_of(served).names() == ["opened", "message", "message"]


@pytest.mark.parametrize("size", [1001, 20_000, 65_537])
def test_a_violation_sent_with_the_handshake_is_one(serve: Serve, size: int) -> None:
    """A message over the limit is refused also when it comes in one segment with the request."""
    served = serve(max_message=1000)
    wire = served.wire()
    wire.upgrade(after=frame(TEXT, b"before") + frame(TEXT, b"x" * size) + frame(TEXT, b"after"))
    assert wire.frame() == (TEXT, b"before")
    assert wire.frame() == (CLOSE, close_frame(1009))
    wire.socket.close()
    link_of(served).expect("closed")
    assert link_of(served).names() == ["opened", "message", "failed", "closed"]


def test_early_frames_wait_for_a_slow_upgrade(serve: Serve) -> None:
    """R10: an upgrade that takes its time loses nothing of what the client sends meanwhile."""
    link = RecordingLink(echo)
    release = threading.Event()

    async def upgrade(_: object, handshake: Any) -> None:
        import asyncio

        await asyncio.get_running_loop().run_in_executor(None, release.wait)
        handshake.accept(link)

    served = serve(StubHandler(upgrade=upgrade))
    wire = served.wire()
    wire.send(upgrade_request())
    wire.send(frame(TEXT, b"one"))
    assert wire.is_quiet()
    wire.send(frame(TEXT, b"two"))
    release.set()
    wire.until(b"\r\n\r\n")
    assert wire.frame() == (TEXT, b"one")
    assert wire.frame() == (TEXT, b"two")


def test_a_link_that_raises_is_reported_and_the_connection_goes_on(serve: Serve) -> None:
    """Whatever a link raises, SystemExit included, the server and the connection survive."""

    def trip(transport: WebSocketTransport, data: str | bytes) -> None:
        if data == "raise":
            raise RuntimeError("planned")
        if data == "exit":
            raise SystemExit(3)
        transport.send(data)

    served = serve(StubHandler(upgrade=accepting(RecordingLink(trip))))
    with client(served) as connection:
        connection.send("raise")
        connection.send(["ra", "ise"])
        connection.send("exit")
        connection.send("still here")
        assert connection.recv() == "still here"
    reported = served.reported()
    assert len(reported) == 3
    assert "planned" in reported[0]
    assert "SystemExit" in reported[2]


def test_the_socket_is_told_apart_by_id_and_address(serve: Serve) -> None:
    """Each WebSocket has a number of its own and knows where its client is."""
    first, second = RecordingLink(), RecordingLink()
    links = iter((first, second))
    served = serve(StubHandler(upgrade=lambda _, handshake: handshake.accept(next(links))))
    with client(served), client(served):
        assert first.transport.id != second.transport.id
        assert first.transport.remote_address == "127.0.0.1"
        assert first.transport.protocol == ""


def test_many_clients_at_once(serve: Serve) -> None:
    """Connections do not mix: each client gets its own messages back, in order."""
    served = serve(StubHandler(upgrade=lambda _, handshake: handshake.accept(RecordingLink(echo))))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(client(served)) for _ in range(20)]
        for number in range(5):
            for index, connection in enumerate(clients):
                connection.send(f"{index}:{number}")
        for index, connection in enumerate(clients):
            assert [connection.recv() for _ in range(5)] == [f"{index}:{number}" for number in range(5)]
