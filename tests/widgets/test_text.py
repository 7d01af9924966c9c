"""Payloads made fit to be shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.widgets.text import SHOWN_BYTES, SHOWN_ITEMS, shown, spoken, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\x00b\x1b[31m\r", "a\u2400b\u241b[31m\u240d"),
        ("\x7f\x85", "\u2421\u27e8U+0085\u27e9"),
        ("\u202etxt.exe", "\u27e8U+202E\u27e9txt.exe"),
        ("a\u200bb\ufeff", "a\u27e8U+200B\u27e9b\u27e8U+FEFF\u27e9"),
        ("\ud800", "\u27e8U+D800\u27e9"),
        (
            "\U0001f468\u200d\U0001f469 \u05e9\u05dc\u05d5\u05dd",
            "\U0001f468\u200d\U0001f469 \u05e9\u05dc\u05d5\u05dd",
        ),
    ],
)
def test_hidden_characters_are_made_visible(text: str, seen: str) -> None:
    """Control, bidirectional and invisible characters can be seen; letters of any script stay as they are."""
    assert visible(text) == seen


def test_long_texts_are_cut_and_say_so() -> None:
    """A text beyond the limit ends with how long it was."""
    assert visible("x" * 10, 4) == "xxxx ... (cut: 10 characters)"
    assert visible("x" * 4, 4) == "xxxx"


class Broken:
    """Something whose text cannot be had."""

    def __repr__(self) -> str:
        """Fail."""
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2**70, str(2**70)),
        (1.5, 1.5),
        (float("inf"), "inf"),
        (b"\x00\x01", "base64 AAE= (2 bytes)"),
        ({"k\x00": (1, "\u202e")}, {"k\u2400": [1, "\u27e8U+202E\u27e9"]}),
        ({1}, [1]),
        (Broken(), "<Broken, whose repr raised RuntimeError>"),
        (len, "<built-in function len>"),
    ],
)
def test_values_become_json(value: object, seen: object) -> None:
    """Whatever a hook left in a payload becomes a JSON value."""
    assert shown(value) == seen


def test_size_and_depth_are_bounded() -> None:
    """Endless payloads are cut at every end, with the true size beside."""
    assert shown(b"x" * 5000).endswith("... (5,000 bytes)")
    assert shown(list(range(2000)))[-1] == "... (2,000 items)"
    assert shown({str(key): 1 for key in range(2000)})["..."] == "(2,000 members)"
    nested: Any = 0
    for _ in range(50):
        nested = [nested]
    assert '"..."' in json.dumps(shown(nested))
    assert shown(["x" * 5000] * 50).endswith("characters)")
    assert len(shown(["x" * 5000] * 50)) < SHOWN_BYTES + 100
    assert SHOWN_ITEMS == 1000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=10,
    )
)
def test_anything_shown_is_strict_json(value: object) -> None:
    """What `shown` gives can be written as strict JSON in UTF-8."""
    json.dumps(shown(value), allow_nan=False, ensure_ascii=False).encode()
    spoken(value).encode()


def test_spoken_values_read_as_json() -> None:
    """A value in words is its JSON, texts in quotes, hidden characters visible."""
    assert spoken("hi") == '"hi"'
    assert spoken({"say": "na\u00efve", "n": [1, None]}) == '{"say": "na\u00efve", "n": [1, null]}'
    assert spoken(b"\x01") == "base64 AQ== (1 bytes)"
    assert spoken(len) == "<built-in function len>"
    assert spoken("a\nb\x00") == '"a\\nb\u2400"'
