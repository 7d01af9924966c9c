"""A message and its views."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.dialects.crossws.message import Message


def make(raw: str | bytes, binary_type: str = "nodebuffer") -> tuple[Message, list[str]]:
    """Make a message and the list of what changed in it."""
    changes: list[str] = []
    peer: Any = SimpleNamespace(
        websocket=SimpleNamespace(binary_type=binary_type), touch=lambda _, field: changes.append(field)
    )
    return Message(raw, peer), changes


@pytest.mark.parametrize(
    ("raw", "text", "data"),
    [("", "", b""), ("ä", "ä", b"\xc3\xa4"), (b"a\xff", "a\ufffd", b"a\xff"), (b"", "", b"")],
)
def test_views(raw: str | bytes, text: str, data: bytes) -> None:
    """R40: text decodes with U+FFFD, bytes encode as UTF-8, `str` is the text."""
    message, _ = make(raw)
    assert (message.raw_data, message.text(), str(message), message.bytes()) == (raw, text, text, data)


def test_json() -> None:
    """R40: JSON is parsed as JavaScript would, and refused where it would refuse."""
    assert make('{"a": [1, null]}')[0].json() == {"a": [1, None]}
    assert make(b"2")[0].json() == 2
    for bad in ("{", "", "NaN", "[Infinity]"):
        with pytest.raises(ValueError):  # noqa: PT011  # two classes of it, each with a text of its own
            make(bad)[0].json()


@pytest.mark.parametrize(
    ("binary_type", "expected"),
    [("nodebuffer", b"x"), ("uint8array", b"x"), ("arraybuffer", b"x"), ("text", "x"), ("raw", "x")],
)
def test_data_follows_binary_type(binary_type: str, expected: str | bytes) -> None:
    """`data` has the form of `binary_type`, bytes at first, also of a text."""
    assert make("x", binary_type)[0].data == expected


def test_id_is_made_once() -> None:
    """R34: the id is a UUID of version 4, the same each time."""
    message, _ = make("x")
    assert message.id == message.id
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", message.id)
    assert message.event is None


def test_assigning_raw_data() -> None:
    """An assigned `raw_data` is what all views show, and it is told as a change."""
    message, changes = make("x")
    message.raw_data = b"\x01"
    assert (message.text(), message.bytes(), changes) == ("\x01", b"\x01", ["raw_data"])
    assert repr(message) == "<Message b'\\x01'>"
