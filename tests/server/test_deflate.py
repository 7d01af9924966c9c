"""permessage-deflate: what is agreed, and that both sides read the same."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect

from tests.server.conftest import Serve
from tests.server.support import BINARY, CLOSE, TEXT, RecordingLink, StubHandler, echo, frame
from workbench.server import DeflateOptions, Handshake, Request
from workbench.server.deflate import Codec, Parameters, negotiate
from workbench.server.errors import InvalidOption, WebSocketFailure


@pytest.mark.parametrize(
    ("offer", "options", "answer"),
    [
        (None, True, ""),
        ("permessage-deflate", False, ""),
        ("permessage-deflate", True, "permessage-deflate"),
        ("x-other, permessage-deflate; client_max_window_bits", True, "permessage-deflate"),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            True,
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=12",
            True,
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=12",
        ),
        (
            'permessage-deflate; server_max_window_bits="9"',
            True,
            "permessage-deflate; server_max_window_bits=9",
        ),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", True, "permessage-deflate"),
        (
            "permessage-deflate; client_max_window_bits=8",
            True,
            "permessage-deflate; client_max_window_bits=8",
        ),
        ("permessage-deflate; server_max_window_bits=16", True, ""),
        ("permessage-deflate; server_max_window_bits", True, ""),
        ("permessage-deflate; client_max_window_bits=x", True, ""),
        ("permessage-deflate; server_no_context_takeover=1", True, ""),
        ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", True, ""),
        ("permessage-deflate; unknown", True, ""),
        (
            "permessage-deflate; client_max_window_bits",
            DeflateOptions(True, True, 12, 11),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                "server_max_window_bits=12; client_max_window_bits=11"
            ),
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            DeflateOptions(server_max_window_bits=12, client_max_window_bits=12),
            "permessage-deflate; server_max_window_bits=10",
        ),
    ],
)
def test_negotiation(offer: str | None, options: bool | DeflateOptions, answer: str) -> None:
    """RFC 7692: the first acceptable offer is taken; a bad one is passed over, never an error."""
    codec, header = negotiate(offer, options)
    assert header == answer
    assert (codec is None) == (answer == "")


def test_window_bits_are_checked() -> None:
    """An impossible window is refused when the options are made."""
    with pytest.raises(InvalidOption, match="9 to 15"):
        DeflateOptions(server_max_window_bits=8)


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=300), max_size=6),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 9, 12, 15]),
)
def test_what_is_deflated_inflates_to_the_same(
    messages: list[bytes], server_forgets: bool, client_forgets: bool, bits: int | None
) -> None:
    """Both context takeover modes and any window, message after message."""
    codec = Codec(Parameters(server_forgets, client_forgets, bits), DeflateOptions())
    theirs = zlib.decompressobj(-(bits or 15))
    for message in messages:
        data = codec.deflate(message)
        if server_forgets:
            theirs = zlib.decompressobj(-(bits or 15))
        assert theirs.decompress(data + b"\x00\x00\xff\xff") == message


def test_a_stream_that_ends_begins_anew() -> None:
    """A client may finish its deflate stream; the next message starts another."""
    codec = Codec(Parameters(), DeflateOptions())
    for _ in range(2):
        compressor = zlib.compressobj(wbits=-15)
        data = compressor.compress(b"hello") + compressor.flush()
        assert codec.inflate(data, True, 100) == b"hello"


def test_inflating_rubbish_is_1007() -> None:
    """What is not deflate is bad data."""
    with pytest.raises(WebSocketFailure) as caught:
        Codec(Parameters(), DeflateOptions()).inflate(b"\xff" * 10, True, 100)
    assert caught.value.code == 1007


def test_threshold_counts_only_without_kept_context() -> None:
    """A kept context makes short messages worth compressing too."""
    assert Codec(Parameters(), DeflateOptions()).compresses(1)
    forgetful = Codec(Parameters(server_no_context_takeover=True), DeflateOptions(threshold=10))
    assert [forgetful.compresses(size) for size in (9, 10)] == [False, True]


@pytest.mark.parametrize("takeover", [True, False])
def test_a_real_client_talks_compressed(serve: Serve, takeover: bool) -> None:
    """Compressed both ways, in both modes, long and short, text and bytes."""
    served = serve(deflate=DeflateOptions(threshold=0))
    factory = ClientPerMessageDeflateFactory(
        server_no_context_takeover=not takeover, client_no_context_takeover=not takeover
    )
    with connect(served.ws_url, proxy=None, compression=None, extensions=[factory]) as connection:
        assert "permessage-deflate" in connection.response.headers["Sec-WebSocket-Extensions"]  # type: ignore[union-attr]
        for message in ("", "short", "long " * 50_000, b"bytes" * 1000, "short"):
            connection.send(message)
            assert connection.recv() == message
        connection.send(iter(["frag", "ment", "ed"]))
        assert connection.recv() == "fragmented"


def test_compression_is_chosen_for_each_handshake_and_message(serve: Serve) -> None:
    """Crossws R16: off by default; a handshake may ask for it; compress=False sends one message plain."""
    on_link = RecordingLink(lambda transport, data: transport.send(data, compress=data != "plain"))

    def upgrade(request: Request, handshake: Handshake) -> None:
        if request.path == "/on":
            handshake.accept(on_link, deflate=True)
        else:
            handshake.accept(RecordingLink(echo))

    offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    served = serve(StubHandler(upgrade=upgrade))
    off = served.wire()
    assert "Extensions" not in off.upgrade("/off", offer)
    on = served.wire()
    assert "Sec-WebSocket-Extensions: permessage-deflate\r\n" in on.upgrade("/on", offer)
    on.send(frame(TEXT, b"hello") + frame(TEXT, b"plain") + frame(BINARY, b"hello"))
    assert on.frame()[0] == TEXT | 0x40
    assert on.frame() == (TEXT, b"plain")
    assert on.frame()[0] == BINARY | 0x40


def test_short_messages_stay_plain_below_the_threshold(serve: Serve) -> None:
    """Without a kept context a short message is not worth it."""
    served = serve(deflate=DeflateOptions(server_no_context_takeover=True, threshold=10))
    wire = served.wire()
    wire.upgrade("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
    wire.send(frame(TEXT, b"short") + frame(TEXT, b"x" * 100))
    assert wire.frame() == (TEXT, b"short")
    assert wire.frame()[0] == TEXT | 0x40


def test_compressed_frames_need_agreement(serve: Serve) -> None:
    """A reserved bit on control frames, or without compression, is 1002."""
    served = serve(deflate=True)
    for extra, first in (
        ("", TEXT | 0x40),
        ("Sec-WebSocket-Extensions: permessage-deflate\r\n", 0x89 | 0x40),
    ):
        wire = served.wire()
        handler = served.handler
        assert isinstance(handler, StubHandler)
        handler.link = RecordingLink(echo)
        wire.upgrade("/", extra)
        wire.send(frame(first, b"x"))
        assert wire.frame() == (CLOSE, (1002).to_bytes(2, "big"))


def test_a_bomb_ends_in_1009_with_little_memory(serve: Serve) -> None:
    """A gigabyte in a megabyte is refused at the limit, without being unpacked."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(1000)) + compressor.flush(
        zlib.Z_SYNC_FLUSH
    )
    served = serve(deflate=True, max_message=2_000_000)
    wire = served.wire()
    wire.upgrade("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
    data = frame(BINARY | 0x40, bomb[:-4])
    tracemalloc.start()
    try:
        wire.send(data)
        assert wire.frame() == (CLOSE, (1009).to_bytes(2, "big"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_the_limit_is_of_the_inflated_message(serve: Serve) -> None:
    """A client whose message inflates beyond the limit is refused with 1009."""
    served = serve(deflate=True, max_message=1000)
    with connect(served.ws_url, proxy=None) as connection:
        connection.send("x" * 1000)
        assert len(connection.recv()) == 1000
        connection.send("x" * 1001)
        with pytest.raises(ConnectionClosed):
            connection.recv()
        assert connection.close_code == 1009
