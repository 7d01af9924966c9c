"""Values and the frames they become."""

from __future__ import annotations

import array
from types import MappingProxyType
from typing import Any

import pytest

from workbench.dialects.context import Context
from workbench.dialects.crossws.payloads import number_text, payload, well_formed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("", ""),
        (None, ""),
        (5, "5"),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        (10**30, str(10**30)),
        (b"\x00\xff", b"\x00\xff"),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcd")[::2], b"ac"),
        (array.array("H", [1, 2]), array.array("H", [1, 2]).tobytes()),
        ([1, 2, 300], b"\x01\x02\x2c"),
        ((-1, 1.9, "7", "x", None, True, float("nan"), {}), b"\xff\x01\x07\x00\x00\x01\x00\x00"),
        ({"a": 1, "b": [1, "x"]}, '{"a":1,"b":[1,"x"]}'),
        ({"ä": None, "t": True}, '{"ä":null,"t":true}'),
        (
            {"n": float("nan"), "l": (1, float("inf")), "k": {"d": 0.5}},
            '{"n":null,"l":[1,null],"k":{"d":0.5}}',
        ),
        (Context(a=Context(b=1)), '{"a":{"b":1}}'),
        (MappingProxyType({"a": MappingProxyType({"b": 1})}), '{"a":{"b":1}}'),
        (len, "{}"),
        (lambda: None, "{}"),
    ],
)
def test_payload(value: Any, expected: str | bytes) -> None:
    """R36: each kind of value has one payload."""
    assert payload(value) == expected


@pytest.mark.parametrize("value", [{1, 2}, object(), range(3), {"a": object()}, {"a": {1}}])
def test_no_payload(value: Any) -> None:
    """R36: sets, other objects and mappings that hold them raise TypeError."""
    with pytest.raises(TypeError):
        payload(value)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e-5, "0.00001"),
        (-1.5e-6, "-0.0000015"),
        (1e-7, "1e-7"),
        (1.25e-9, "1.25e-9"),
        (1e16, "10000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_number_text(number: float, text: str) -> None:
    """Numbers are spelt as JavaScript spells them."""
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1.0, "b": [1e3, -0.0, 1.5]}, '{"a":1,"b":[1000,0,1.5]}'),
        ({"a": 1e-7, "b": (1e21, 2)}, '{"a":1e-7,"b":[1e+21,2]}'),
        ({"a": {"b": float("nan"), "c": None, "d": True}}, '{"a":{"b":null,"c":null,"d":true}}'),
        ({1: 0.5, "\n": [{}]}, '{"1":0.5,"\\n":[{}]}'),
        ({"text": "costs :1.0"}, '{"text":"costs :1.0"}'),
        ({"a": "\ud800é"}, '{"a":"\\ud800é"}'),
    ],
)
def test_json_as_javascript_writes_it(value: Any, text: str) -> None:
    """R36: whole numbers without a point, JavaScript's exponents, null for NaN, lone surrogates escaped."""
    assert payload(value) == text


def test_a_dict_in_itself() -> None:
    """A dict that contains itself is refused as JSON.stringify refuses it: with a TypeError that says so."""
    value: dict[str, Any] = {}
    value["self"] = value

    with pytest.raises(TypeError, match="contains itself"):
        payload(value)


def test_lone_surrogates() -> None:
    """Text that UTF-8 cannot hold is mended as in JavaScript; a pair in two halves becomes its character."""
    assert well_formed("a\ud800b") == "a\ufffdb"
    assert well_formed("\ud83d\ude00") == "\U0001f600"
