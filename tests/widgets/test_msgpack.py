"""What workbench.widgets.msgpack reads, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.widgets.msgpack import NotMessagePack, decode

CASES = {
    "07": 7,
    "ff": -1,
    "c0": None,
    "c2": False,
    "c3": True,
    "cc80": 128,
    "cd0100": 256,
    "ce00010000": 65536,
    "cf0000000100000000": 2**32,
    "d080": -128,
    "d1ff00": -256,
    "d2ffff0000": -65536,
    "d3ffffffff00000000": -(2**32),
    "ca3f800000": 1.0,
    "cb3ff8000000000000": 1.5,
    "a26869": "hi",
    "d9026869": "hi",
    "da00026869": "hi",
    "db000000026869": "hi",
    "c402beef": b"\xbe\xef",
    "c50002beef": b"\xbe\xef",
    "c600000002beef": b"\xbe\xef",
    "930102a178": [1, 2, "x"],
    "dc000101": [1],
    "dd0000000101": [1],
    "81a16101": {"a": 1},
    "de0001a16101": {"a": 1},
    "df00000001a16101": {"a": 1},
    "8191010a": {"[1]": 10},
    "d4050a": {"extension": 5, "data": b"\n"},
    "c7020501ff": {"extension": 5, "data": b"\x01\xff"},
    "c800010501": {"extension": 5, "data": b"\x01"},
    "c9000000010501": {"extension": 5, "data": b"\x01"},
}


@pytest.mark.parametrize("data", CASES)
def test_every_kind_of_value_is_read(data: str) -> None:
    """As the format's specification writes them."""
    assert decode(bytes.fromhex(data)) == CASES[data]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "too early"),
        ("a568", "too early"),
        ("c1", "begins no value"),
        ("0101", "1 bytes follow"),
        ("a1ff", "UTF-8"),
        ("91" * 40 + "01", "too deep"),
        ("dd00ffffff", "too many"),
        ("dfffffffff", "too many"),
    ],
)
def test_everything_else_is_refused(data: str, says: str) -> None:
    """Also what would fill memory or the stack."""
    with pytest.raises(NotMessagePack, match=says):
        decode(bytes.fromhex(data))


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """A value, or a refusal."""
    try:
        decode(data)
    except NotMessagePack as refused:
        assert str(refused)  # noqa: PT017 - most bytes are refused, some are not
