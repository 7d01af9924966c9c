"""Messages out of frames: any fragmentation gives the same message."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.server.assembly import BINARY, CONTINUATION, TEXT, Assembler
from workbench.server.deflate import Codec, Parameters
from workbench.server.errors import WebSocketFailure
from workbench.server.options import DeflateOptions

LIMIT = 1000


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Cut bytes at these places."""
    ends = sorted(place % (len(data) + 1) for place in places)
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


def feed(assembler: Assembler, opcode: int, pieces: list[bytes], *, compressed: bool = False) -> Any:
    """Feed a message in fragments; give it."""
    results = [
        assembler.feed(
            CONTINUATION if index else opcode, index == len(pieces) - 1, compressed and not index, piece
        )
        for index, piece in enumerate(pieces)
    ]
    assert results[:-1] == [None] * (len(pieces) - 1)
    return results[-1]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=60) | st.binary(max_size=100), st.lists(st.integers(0, 500), max_size=6))
    )
)
def test_any_fragmentation_gives_the_same_messages(messages: list[tuple[str | bytes, list[int]]]) -> None:
    """Text and bytes, cut anywhere, also within a character, come out whole, one after the other."""
    assembler = Assembler(LIMIT)
    for message, places in messages:
        data = message.encode() if isinstance(message, str) else message
        got = feed(assembler, TEXT if isinstance(message, str) else BINARY, cut(data, places))
        assert got == message
        assert type(got) is type(message)
        assert assembler.size == len(data)
        assert not assembler.active


@settings(deadline=None)
@given(st.binary(max_size=40), st.lists(st.integers(0, 500), max_size=4))
def test_text_is_utf_8_or_1007(data: bytes, places: list[int]) -> None:
    """Exactly what Python's strict decoder takes is taken, however it is cut."""
    try:
        expected: str | None = data.decode()
    except UnicodeDecodeError:
        expected = None
    if expected is None:
        with pytest.raises(WebSocketFailure) as caught:
            feed(Assembler(LIMIT), TEXT, cut(data, places))
        assert caught.value.code == 1007
    else:
        assert feed(Assembler(LIMIT), TEXT, cut(data, places)) == expected


def test_bad_utf_8_fails_at_the_fragment_that_has_it() -> None:
    """The check does not wait for the end of the message."""
    with pytest.raises(WebSocketFailure, match="UTF-8"):
        Assembler(LIMIT).feed(TEXT, False, False, b"\xff")


@settings(deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_the_limit_holds_across_fragments(sizes: list[int]) -> None:
    """A message over the limit is 1009, one of exactly the limit is fine."""
    pieces = [b"x" * size for size in sizes]
    if sum(sizes) > LIMIT:
        with pytest.raises(WebSocketFailure) as caught:
            feed(Assembler(LIMIT), BINARY, pieces)
        assert caught.value.code == 1009
    else:
        assert feed(Assembler(LIMIT), BINARY, pieces) == b"".join(pieces)


@pytest.mark.parametrize(
    "frames",
    [
        [(CONTINUATION, True, False, b"")],
        [(TEXT, False, False, b""), (TEXT, True, False, b"")],
        [(TEXT, False, False, b""), (BINARY, True, False, b"")],
        [(TEXT, True, True, b"")],
        [(TEXT, False, False, b""), (CONTINUATION, True, True, b"")],
    ],
)
def test_frames_out_of_place_are_1002(frames: list[tuple[int, bool, bool, bytes]]) -> None:
    """Nothing to continue, an unfinished message, compression that was not agreed."""
    assembler = Assembler(LIMIT)
    for frame in frames[:-1]:
        assembler.feed(*frame)
    with pytest.raises(WebSocketFailure) as caught:
        assembler.feed(*frames[-1])
    assert caught.value.code == 1002


def deflated(data: bytes) -> bytes:
    """Compress as a client does."""
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


@settings(deadline=None)
@given(st.text(max_size=200), st.lists(st.integers(0, 500), max_size=5))
def test_compressed_messages_in_fragments(text: str, places: list[int]) -> None:
    """The whole message is one deflate stream, wherever its frames end."""
    codec = Codec(Parameters(client_no_context_takeover=True), DeflateOptions())
    assembler = Assembler(LIMIT, codec)
    for _ in range(2):
        assert feed(assembler, TEXT, cut(deflated(text.encode()), places), compressed=True) == text
    assert assembler.feed(TEXT, True, False, b"plain") == "plain"


@pytest.mark.parametrize("places", [[], [3], [3, 5, 9]])
def test_a_bomb_is_1009_before_it_is_inflated(places: list[int]) -> None:
    """A few bytes that stand for many are refused at the limit."""
    assembler = Assembler(LIMIT, Codec(Parameters(), DeflateOptions()))
    with pytest.raises(WebSocketFailure) as caught:
        feed(assembler, BINARY, cut(deflated(bytes(100_000_000)), places), compressed=True)
    assert caught.value.code == 1009
