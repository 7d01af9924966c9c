"""Frames that answer one read leave together, in order, and none is lost."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tests.server.conftest import Serve
from tests.server.support import CLOSE, PING, PONG, TEXT, RecordingLink, StubHandler, echo, frame
from workbench.server import Handshake, Request, WebSocketTransport
from workbench.server.cork import Cork


class Below:
    """A transport that notes what it is given."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.waiting = 0
        self.closing = False

    def write(self, data: bytes) -> None:
        """Note it."""
        self.written.append(data)

    def writelines(self, pieces: list[bytes]) -> None:
        """Note them as one, and keep them as a transport does that cannot send now."""
        self.written.append(b"".join(pieces))
        self.kept = pieces

    get_extra_info = write

    def get_write_buffer_size(self) -> int:
        """What the test says."""
        return self.waiting

    def is_closing(self) -> bool:
        """What the test says."""
        return self.closing


@pytest.fixture
def below() -> Below:
    """Nothing is written yet."""
    return Below()


@pytest.fixture
def cork(below: Below) -> Cork:
    """One on that transport."""
    return Cork(cast("Any", below))


def test_without_it_everything_leaves_at_once(below: Below, cork: Cork) -> None:
    """Writes and the size of the buffer are the transport's."""
    below.waiting = 5
    cork.write(b"a")
    cork.write(b"b")
    assert below.written == [b"a", b"b"]
    assert cork.get_write_buffer_size() == 5


@pytest.mark.parametrize("forgetful", [False, True])
def test_long_frames_leave_by_a_write_that_pauses(
    below: Below, cork: Cork, monkeypatch: pytest.MonkeyPatch, forgetful: bool
) -> None:
    """Where asyncio's `writelines` never pauses (3.12.0 to 3.13.1) `write` does it; the order stays."""
    monkeypatch.setattr("workbench.server.cork._FORGETFUL", forgetful)
    if forgetful:
        monkeypatch.delattr(Below, "writelines")
    cork.corked = True
    cork.write(b"short")
    cork.writelines([b"head", b"body"])
    assert below.written == [b"short", b"headbody"]


def test_long_frames_do_not_change_while_they_wait(
    below: Below, cork: Cork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next head is written into the memory of the last; a body that is bytes is not copied."""
    monkeypatch.setattr("workbench.server.cork._FORGETFUL", False)
    head, body = bytearray(b"head"), b"body"
    cork.writelines([memoryview(head), body])
    head[:] = b"next"
    assert below.kept == [b"head", b"body"]
    assert below.kept[1] is body


def test_with_it_frames_wait_for_the_release(below: Below, cork: Cork) -> None:
    """They leave in one piece, in order; then things are as before."""
    cork.corked = True
    cork.write(b"a")
    cork.write(b"b")
    assert below.written == []
    assert cork.get_write_buffer_size() == 1

    cork.release()
    cork.release()
    cork.write(b"c")
    assert below.written == [b"ab", b"c"]
    assert cork.get_write_buffer_size() == 0


def test_no_more_than_64_kb_wait(below: Below, cork: Cork) -> None:
    """A hook that answers much is not held back."""
    cork.corked = True
    for _ in range(3):
        cork.write(b"x" * 40_000)
    assert [len(data) for data in below.written] == [80_000]
    cork.release()
    assert [len(data) for data in below.written] == [80_000, 40_000]


def test_a_long_frame_goes_out_after_what_waits(below: Below, cork: Cork) -> None:
    """Long messages come from picows in pieces: they do not overtake short ones."""
    cork.corked = True
    cork.write(b"a")
    cork.writelines([b"long", b"er"])
    cork.write(b"b")
    cork.release()
    cork.writelines([b"c"])
    assert below.written == [b"a", b"longer", b"b", b"c"]


def test_nothing_is_written_to_a_client_that_has_gone(below: Below, cork: Cork) -> None:
    """Neither at once nor at the release."""
    cork.corked = True
    cork.write(b"a")
    below.closing = True
    cork.release()
    cork.write(b"b")
    cork.writelines([b"c"])
    cork.close()
    cork.abort()
    assert below.written == []


def _serving(link: RecordingLink) -> StubHandler:
    def upgrade(_request: Request, handshake: Handshake) -> None:
        handshake.accept(link)

    return StubHandler(upgrade=upgrade)


def test_messages_of_one_packet_are_answered_in_order(serve: Serve) -> None:
    """Echoes and pongs come back in the order of what they answer, and the connection goes on."""
    wire = serve(_serving(RecordingLink(echo))).wire()
    wire.upgrade()
    third = frame(TEXT, b"3")
    wire.send(frame(TEXT, b"1") + frame(PING, b"p") + frame(TEXT, b"2") + third[:4])
    assert [wire.frame() for _ in range(3)] == [(TEXT, b"1"), (PONG, b"p"), (TEXT, b"2")]
    wire.send(third[4:] + frame(TEXT, b"4"))
    assert [wire.frame() for _ in range(2)] == [(TEXT, b"3"), (TEXT, b"4")]


def test_answers_before_an_end_are_not_lost(serve: Serve) -> None:
    """What was sent before close() or terminate() in the middle of a packet arrives before the end."""

    def last_words(transport: WebSocketTransport, data: str | bytes) -> None:
        transport.send(f"got {data!s}")
        if data == "close":
            transport.close(1000)
        elif data == "terminate":
            transport.terminate()

    for word, rest in (("close", b"\x88\x02\x03\xe8"), ("terminate", b"")):
        wire = serve(_serving(RecordingLink(last_words))).wire()
        wire.upgrade()
        wire.send(frame(TEXT, b"a") + frame(TEXT, word.encode()) + frame(TEXT, b"never answered"))
        assert wire.frame() == (TEXT, b"got a")
        assert wire.frame() == (TEXT, f"got {word}".encode())
        if rest:
            assert wire.frame() == (CLOSE, b"\x03\xe8")


def test_long_and_short_answers_keep_their_order(serve: Serve) -> None:
    """A long answer among short ones, all to one packet."""
    wire = serve(
        _serving(RecordingLink(lambda t, data: t.send(str(data) * 20_000 if data == "2" else data)))
    ).wire()
    wire.upgrade()
    wire.send(frame(TEXT, b"1") + frame(TEXT, b"2") + frame(TEXT, b"3"))
    assert [wire.frame()[1][:1] for _ in range(3)] == [b"1", b"2", b"3"]
