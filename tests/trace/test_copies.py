"""What workbench.trace.copies promises."""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections import UserDict
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.trace import copies
from workbench.trace.copies import LEAF_LIMIT, MAX_DEPTH, MAX_NODES, Copier, Cut, Opaque, copy_of, holds, same

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
JSON_LIKE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(JSON_LIKE)
def test_json_like_data_is_copied_as_it_is(data: Any) -> None:
    """A copy of plain data equals it."""
    assert same(copy_of(data), data)


@given(JSON_LIKE)
def test_a_copy_shares_no_container(data: Any) -> None:
    """Nothing that can change is shared between data and copy."""
    assert not (_containers(data) & _containers(copy_of(data)))


@given(JSON_LIKE, JSON_LIKE)
def test_a_copy_holds_what_it_was_made_of_and_nothing_else(data: Any, other: Any) -> None:
    """Plain data is found again without a copy; of whatever is found a new copy would be the same."""
    assert holds(copy_of(data), data)
    assert not holds(copy_of(data), other) or same(copy_of(data), copy_of(other))


def test_what_is_no_plain_data_is_never_found_again() -> None:
    """It has to be copied to be looked at: records, cut texts, mappings with ways of their own, odd keys."""

    class Odd(dict[str, int]):
        def items(self) -> Any:
            return [("a", 2)]

    for value in (Point(1, []), "x" * (LEAF_LIMIT + 1), {"a": Point(1, [])}, [{1, 2}], {1: 2}, Odd(a=1)):
        assert not holds(copy_of(value), value)
    assert not holds(copy_of([1]), {"a": 1})
    assert not holds(copy_of({"a": 1}), [1])
    assert not holds(copy_of([1, 2]), [1, 2.0])
    assert holds(copy_of((1, "a")), (1, "a"))


def _containers(data: Any) -> set[int]:
    found: set[int] = set()
    if isinstance(data, (dict, list)):
        found.add(id(data))
        for member in data.values() if isinstance(data, dict) else data:
            found |= _containers(member)
    return found


@dataclass
class Point:
    """A record to copy."""

    x: int
    rest: list[int]


class Colour(enum.Enum):
    """A member to copy."""

    RED = "red"


class Name(str):
    """A text of its own class."""

    __slots__ = ()


class Sneaky:
    """Raises wherever it can."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    def __hash__(self) -> int:
        return 1


class SneakyMapping(UserDict[str, int]):
    """A mapping that cannot be read."""

    def items(self) -> Any:
        """Refuse."""
        raise OSError("gone")


def test_records_and_mappings_become_dicts() -> None:
    """Dataclasses, mappings and tuples become dicts and lists; keys keep plain types."""
    value = {"p": Point(1, [2]), "m": UserDict({"a": (1, 2)}), 3: None, Colour.RED: 1, Name("n"): 2}

    copied = copy_of(value)

    assert copied == {
        "p": {"x": 1, "rest": [2]},
        "m": {"a": [1, 2]},
        3: None,
        "<Colour.RED: 'red'>": 1,
        "n": 2,
    }
    assert [type(key) for key in copied] == [str, str, int, str, str]


def test_a_field_that_was_never_set_is_left_out() -> None:
    """A dataclass with a missing attribute is copied without it."""
    point = Point(1, [])
    del point.rest
    assert copy_of(point) == {"x": 1}


def test_the_class_of_a_dataclass_is_not_a_record() -> None:
    """A class itself is shown by its repr."""
    assert copy_of(Point).type == "type"


def test_other_values_become_their_text() -> None:
    """Enum members, sets and objects become opaque leaves with their repr and class."""
    assert copy_of(Colour.RED) == Opaque("<Colour.RED: 'red'>", "Colour")
    assert copy_of({"b", "a"}) == Opaque("{'a', 'b'}", "set")
    assert copy_of(frozenset()) == Opaque("set()", "frozenset")
    assert repr(copy_of(range(2))) == "range(0, 2)"


def test_texts_and_blobs_lose_their_own_classes() -> None:
    """Subclasses of str and everything with a buffer become plain text and bytes."""
    assert type(copy_of(Name("x"))) is str
    assert copy_of(bytearray(b"ab")) == b"ab"
    assert copy_of(memoryview(b"ab")) == b"ab"


def test_moments_are_kept() -> None:
    """Immutable values of the standard library are kept as they are."""
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert copy_of([now]) == [now]


def test_hostile_values_never_raise() -> None:
    """What cannot be read or printed becomes a note."""
    assert copy_of(Sneaky()).text == "<Sneaky whose repr raised RuntimeError>"
    assert copy_of({Sneaky(): 1}) == {"<Sneaky whose repr raised RuntimeError>": 1}
    assert copy_of(SneakyMapping(a=1)).text == "<SneakyMapping that cannot be read: OSError>"


def test_cycles_end() -> None:
    """A value that stands in itself is a note there; the same value twice side by side is not."""
    inner: dict[str, Any] = {"n": 1}
    value: dict[str, Any] = {"one": inner, "two": inner}
    value["me"] = value

    copied = copy_of(value)

    assert copied["one"] == copied["two"] == {"n": 1}
    assert copied["me"].text == "<the dict that this stands in>"


def test_depth_ends() -> None:
    """Below fifty levels a note stands for the rest."""
    value: list[Any] = []
    for _ in range(60):
        value = [value]
    copied = copy_of(value)
    for _ in range(copies.MAX_DEPTH):
        copied = copied[0]
    assert copied.text == "<list left out: deeper than 50>"


@pytest.mark.parametrize("unit", ["x", b"x"])
def test_long_texts_and_blobs_are_cut(unit: str | bytes) -> None:
    """Of a long value 64 kB are kept, and a change behind the cut still counts."""
    long = unit * 100_000
    cut = copy_of(long)

    assert isinstance(cut, Cut)
    assert (len(cut.head), cut.size) == (65536, 100_000)
    assert same(cut, copy_of(unit * 100_000))
    assert not same(cut, copy_of(long[:-1] + (b"y" if isinstance(unit, bytes) else "y")))  # type: ignore[operator]
    assert "cut: 65536 of 100000" in repr(cut)


def test_long_reprs_are_cut() -> None:
    """The text of an object is cut as well."""

    class Talkative:
        def __repr__(self) -> str:
            return "t" * 70_000

    assert copy_of(Talkative()).text.endswith("... (cut: 65536 of 70000)")


def test_wide_values_are_cut() -> None:
    """Beyond five thousand members a note says how many are left out."""
    many = copy_of(list(range(6000)))
    assert len(many) == 5001
    assert many[-1].text == "<1000 more left out: the copy is full>"

    wide = copy_of({str(number): number for number in range(6000)})
    assert wide["..."].text == "<1000 more left out: the copy is full>"


def test_one_copy_holds_a_megabyte() -> None:
    """Beyond a megabyte a note stands for the rest; the size is known."""
    copier = Copier()
    copied = copier.copy(["x" * 60_000] * 100)
    assert isinstance(copied[-1], Opaque)
    assert 1_000_000 < copier.size < 1_200_000


def test_a_copy_says_whether_it_is_whole() -> None:
    """One that left something out, for its length, depth or number, does not pass for all of it."""
    deep: Any = 1
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    lacking = ["x" * (LEAF_LIMIT + 1), b"x" * (LEAF_LIMIT + 1), deep, [1] * (MAX_NODES + 1)]

    def whole(value: Any) -> bool:
        copier = Copier()
        copier.copy(value)
        return copier.whole

    assert not any(map(whole, lacking))
    assert all(map(whole, ["x" * LEAF_LIMIT, b"x", {"a": [1] * 99}, object()]))


def test_sameness_counts_types() -> None:
    """True is not 1, 1 is not 1.0, and a NaN equals itself."""
    assert not same(1, True)
    assert not same([1], [1.0])
    assert same(math.nan, float("nan"))
    assert not same({"a": 1}, {"b": 1})
    assert not same([1], [1, 2])
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_large_integers_count_their_size() -> None:
    """An integer of many digits counts as what it occupies."""
    copier = Copier()
    copier.copy(10**1000)
    assert copier.size > 400
