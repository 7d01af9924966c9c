"""The codec: what is written is read again, and what is no frame is never read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.hocuspocus import wire
from workbench.dialects.hocuspocus.wire import (
    AwarenessEntry,
    Frames,
    MalformedFrame,
    Reader,
    awareness_entries,
    blob,
    encoded_awareness,
    split_address,
    text,
    uint,
)

NUMBERS = st.integers(0, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@given(NUMBERS)
def test_numbers_are_read_as_they_were_written(number: int) -> None:
    """Up to 53 bits."""
    reader = Reader(uint(number))

    assert reader.uint() == number
    assert reader.at_end


@given(WORDS, st.binary())
def test_texts_and_blobs_are_read_as_they_were_written(words: str, data: bytes) -> None:
    """With their length in bytes, not in characters."""
    reader = Reader(text(words) + blob(data))

    assert (reader.text(), reader.blob(), reader.at_end) == (words, data, True)


@given(st.binary())
def test_any_bytes_are_a_frame_or_malformed(data: bytes) -> None:
    """No other error comes out of the reader, and it never reads beyond the end."""
    for read in (Reader.uint, Reader.blob, Reader.text):
        reader = Reader(data)
        try:
            read(reader)
        except MalformedFrame:
            continue
        assert reader.position <= len(data)


@given(st.binary())
def test_any_awareness_is_read_or_malformed(data: bytes) -> None:
    """States that are not JSON and truncated entries are malformed."""
    try:
        entries = awareness_entries(data)
    except MalformedFrame:
        return
    assert all(isinstance(entry, AwarenessEntry) for entry in entries)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, JSON), max_size=4))
def test_awareness_is_read_as_it_was_written(entries: list[tuple[int, int, Any]]) -> None:
    """Clients, clocks and states."""
    written = encoded_awareness(AwarenessEntry(*entry) for entry in entries)

    assert [tuple(entry) for entry in awareness_entries(written)] == entries


@given(WORDS, st.binary(min_size=1), st.data())
def test_a_truncated_frame_is_malformed(name: str, body: bytes, data: st.DataObject) -> None:
    """Wherever it is cut, address, numbers and body included."""
    frame = Frames(name).sync(wire.UPDATE, body)
    reader = Reader(frame[: data.draw(st.integers(0, len(frame) - 1))])

    with pytest.raises(MalformedFrame):
        read_sync(reader)


def read_sync(reader: Reader) -> tuple[str, int, int, bytes]:
    """Read a sync frame whole."""
    return reader.text(), reader.uint(), reader.uint(), reader.blob()


@pytest.mark.parametrize("data", [b"\xff" * 8, b"\xff" * 20, b"\x80\x80\x80\x80\x80\x80\x80\x40"])
def test_numbers_beyond_53_bits_are_malformed(data: bytes) -> None:
    """Neither cut nor read on for ever."""
    with pytest.raises(MalformedFrame):
        Reader(data).uint()


def test_text_that_is_not_utf_8_is_malformed() -> None:
    """Nothing is replaced."""
    with pytest.raises(MalformedFrame, match="not UTF-8"):
        Reader(b"\x02\xff\xfe").text()


@pytest.mark.parametrize("state", ["{", "NaN", "[" * 100_000])
def test_states_that_are_not_json_are_malformed(state: str) -> None:
    """Constants that JavaScript does not know and bottomless nesting too."""
    with pytest.raises(MalformedFrame, match="not JSON"):
        awareness_entries(uint(1) + uint(1) + uint(1) + text(state))


def test_half_a_surrogate_pair_is_replaced() -> None:
    """A text that UTF-8 cannot hold does not end the connection."""
    assert Reader(text("a\ud800b")).text() == "a�b"


@pytest.mark.parametrize(
    ("address", "name", "session"),
    [("a", "a", None), ("a\0s", "a", "s"), ("a\0", "a", ""), ("a\0b\0c", "a", "b\0c")],
)
def test_an_address_is_a_name_and_perhaps_a_session(address: str, name: str, session: str | None) -> None:
    """67: the first NUL parts them."""
    assert split_address(address) == (name, session)


def test_frames_are_what_the_original_writes() -> None:
    """Byte by byte, one of each kind."""
    frames = Frames("d")

    assert frames.sync(wire.STEP_1, b"\0") == b"\x01d\x00\x00\x01\x00"
    assert frames.sync_status(True) == b"\x01d\x08\x01"
    assert frames.sync_status(False) == b"\x01d\x08\x00"
    assert frames.token("t", "4.8.0") == b"\x01d\x02\x00\x01t\x054.8.0"
    assert frames.token_request() == b"\x01d\x02\x00"
    assert frames.permission_denied("no") == b"\x01d\x02\x01\x02no"
    assert frames.authenticated(True) == b"\x01d\x02\x02\x08readonly"
    assert frames.authenticated(False) == b"\x01d\x02\x02\x0aread-write"
    assert frames.query_awareness() == b"\x01d\x03"
    assert frames.stateless("hi") == b"\x01d\x05\x02hi"
    assert frames.close("bye") == b"\x01d\x07\x03bye"
    assert frames.close() == b"\x01d\x07"
    assert frames.awareness(b"\0") == b"\x01d\x01\x01\x00"
