"""Payloads as JSON: looked at, edited, put back, damaged."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.engine.points import Point
from workbench.interventions.payloads import BadEdit, as_json, corrupted, damage, parts_of, put_back
from workbench.server.messages import Headers

PLAIN = Point("p", ("payload", "meta"))
DEEP = Point("q", ("event",), snapshot=lambda event: {"message": event.message, "extra": event.extra})


def test_parts_are_copies_that_json_can_carry() -> None:
    """Bytes are base64, keys texts, odd numbers and objects their text."""
    value = {1: b"ab", "n": float("nan"), "o": object, "l": (1, None, True)}
    shown = as_json(value)
    assert shown["1"] == {"base64": "YWI="}
    assert shown["n"] == "nan"
    assert shown["o"] == "<class 'object'>"
    assert shown["l"] == [1, None, True]
    payload = {"a": [1]}
    parts = parts_of(PLAIN, (payload, object()))
    parts["payload"]["a"].append(2)
    assert parts.keys() == {"payload"}
    assert payload == {"a": [1]}


def test_edits_go_into_the_live_objects() -> None:
    """What differs is changed in place: mappings, lists, attributes; the rest is left alone."""
    kept = object()
    payload = {"a": {"b": 1}, "kept": kept, "list": [{"x": 1}, 2], "gone": 1, 7: "seven", "raw": b"ab"}
    edited = parts_of(PLAIN, (payload, {}))
    edited["payload"]["a"]["b"] = 2
    edited["payload"]["list"] = [{"x": 5}, 2, 3]
    edited["payload"]["7"] = "SEVEN"
    edited["payload"]["new"] = [1]
    edited["payload"]["raw"] = {"base64": "Y2Q="}
    del edited["payload"]["gone"]
    (after, _) = put_back(PLAIN, (payload, {}), edited)
    assert after is payload
    assert payload == {
        "a": {"b": 2}, "kept": kept, "list": [{"x": 5}, 2, 3], 7: "SEVEN", "new": [1], "raw": b"cd",
    }  # fmt: skip


def test_bytes_come_back_wherever_they_stand_in_an_edit() -> None:
    """Also inside of what is put in the place of something else, or is new."""
    payload: dict[str, Any] = {"a": 1, "list": [1]}
    blob = {"base64": "YWI="}
    edited = {"payload": {"a": [{"deep": blob}], "list": [1, blob], "new": {"b": blob}}}

    put_back(PLAIN, (payload, {}), edited)

    assert payload == {"a": [{"deep": b"ab"}], "list": [1, b"ab"], "new": {"b": b"ab"}}


def test_headers_are_edited_like_a_mapping() -> None:
    """Fields are added, changed and taken away, under whatever spelling."""
    event = SimpleNamespace(headers=Headers({"X-Kept": "1", "X-Gone": "2", "X-Other": "3"}))
    point = Point("q", ("event",), snapshot=lambda event: {"event": {"headers": dict(event.headers.items())}})

    put_back(point, (event,), {"event": {"headers": {"x-kept": "1", "x-other": "4", "x-new": "5"}}})

    assert dict(event.headers.items()) == {"x-kept": "1", "x-other": "4", "x-new": "5"}


def test_immutable_arguments_and_members_get_another_in_their_place() -> None:
    """A text argument is exchanged, a part that is a member of the first argument is set on it."""
    assert put_back(PLAIN, ("old", {}), {"payload": "new"}) == ("new", {})
    event = SimpleNamespace(message=SimpleNamespace(text="a"), extra="x")
    point = Point(
        "q", ("event",), snapshot=lambda event: {"message": vars(event.message), "extra": event.extra}
    )
    put_back(point, (event,), {"message": {"text": "b"}, "extra": "y"})
    assert (event.message.text, event.extra) == ("b", "y")


@pytest.mark.parametrize(
    ("edited", "sentence"),
    [
        ([], "an object of its parts"),
        ({"nope": 1}, "no part 'nope'"),
        ({"payload": {"raw": {"base64": "?"}, "o": "<o>"}}, "not base64"),
        ({"payload": {"raw": {"base64": "YWI="}, "o": "other"}}, "cannot be written as JSON"),
    ],
)
def test_edits_that_cannot_be_put_back_are_named(edited: Any, sentence: str) -> None:
    """The sentence names the member."""

    class Odd:
        def __repr__(self) -> str:
            return "<o>"

    with pytest.raises(BadEdit, match=sentence):
        put_back(PLAIN, ({"raw": b"ab", "o": Odd()}, {}), edited)


def test_members_of_objects_cannot_be_taken_away() -> None:
    """An object is not a mapping: it keeps its members, and may refuse a value."""

    class Fixed:
        __slots__ = ("a",)

        def __init__(self) -> None:
            self.a = 1

    fixed = Fixed()
    point = Point("q", ("event",), snapshot=lambda event: {"event": {"a": event.a}})
    with pytest.raises(BadEdit, match=r"event\.a cannot be taken away"):
        put_back(point, (fixed,), {"event": {}})
    with pytest.raises(BadEdit, match=r"event\.b cannot be changed"):
        put_back(point, (fixed,), {"event": {"a": 1, "b": 2}})


@pytest.mark.parametrize("value", ["text", 5, 2.5, True, {"base64": "YWJj"}])
def test_damage_is_never_the_same_value(value: Any) -> None:
    """Texts keep their length, numbers stay numbers, flags turn."""
    for seed in range(50):
        damaged = damage(value, Random(seed))
        assert damaged != value
        assert type(damaged) is type(value)


def test_corruption_picks_one_member_and_says_which() -> None:
    """The seed decides; where there is nothing to damage, it says so."""
    payload = {"a": "text", "b": [1, ""], "c": None}
    found = corrupted(PLAIN, (payload, {}), Random(1))
    assert found is not None
    assert found[1] in ("payload.a", "payload.b.0")
    assert corrupted(PLAIN, ({"c": None}, ""), Random(1)) is None
