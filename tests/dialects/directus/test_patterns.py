"""Patterns of event names: which fit, and in which order their hooks run."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.directus.patterns import is_pattern, matching


def test_exact_then_star_then_any() -> None:
    """The exact name comes first, then one-segment wildcards, then the others, whoever came first (R7)."""
    lanes = ["**", "websocket.*", "*.message", "websocket.message", "websocket.**", "items.create", "*"]
    assert matching("websocket.message", lanes) == (
        "websocket.message", "websocket.*", "websocket.**", "*.message", "**",
    )  # fmt: skip


def test_star_is_one_segment() -> None:
    """One star stands for one segment, two for any number, none included (R8)."""
    assert matching("websocket.auth.success", ["websocket.*", "websocket.**"]) == ("websocket.**",)
    assert matching("messages.items.create", ["items.*", "*.items.*", "messages.**.create"]) == (
        "messages.**.create", "*.items.*",
    )  # fmt: skip
    assert matching("items", ["items.**", "**.items.**"]) == ("items.**", "**.items.**")


def test_names_and_patterns_are_told_apart() -> None:
    """A pattern has a segment that is a wildcard; a star within a word is a letter."""
    assert [is_pattern(name) for name in ("items.create", "items.*", "**", "a*.b")] == [
        False,
        True,
        True,
        False,
    ]


SEGMENTS = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=5)


@given(SEGMENTS, st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5))
def test_fits_as_a_regular_expression_would(pattern: list[str], name: list[str]) -> None:
    """A pattern fits exactly where the regular expression of the same meaning does."""
    parts = [
        r"(?:[^.]+\.)*" if part == "**" else r"[^.]+\." if part == "*" else re.escape(part) + r"\."
        for part in pattern
    ]
    expected = re.fullmatch("".join(parts), ".".join(name) + ".") is not None
    assert bool(matching(".".join(name), [".".join(pattern)])) == expected
