"""The channel's vocabulary: what passes, and what is answered with which sentence."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.widgets import protocol
from workbench.widgets.protocol import Malformed, answer, frame, identifier, read, refused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

GOOD: list[dict[str, Any]] = [
    {"op": "hello", "v": 1, "token": "t", "face": "lab"},
    {"op": "edit", "id": 1, "revision": 3, "edit": {"kind": "move", "hook": "h3", "before": None}},
    {"op": "edit", "id": 1, "edit": {"kind": "attach", "point": "message", "ready": "echo"}},
    {"op": "edit", "id": 1, "edit": {"kind": "enable", "hook": "h1", "on": False}},
    {"op": "edit", "id": 1, "edit": {"kind": "set_scope", "hook": "h1", "connections": [1, 2]}},
    {"op": "undo", "id": 2},
    {
        "op": "watch",
        "view": "events",
        "params": {"limit": 50, "filter": {"point": "message"}},
        "pace": "focused",
    },
    {"op": "watch", "view": "inspector", "params": {"dispatch": "latest"}},
    {"op": "unwatch", "view": "chain"},
    {"op": "ack", "view": "chain", "frame": 4},
    {"op": "ask", "id": 3, "what": "why", "hook": "h1"},
    {"op": "client", "id": 4, "do": "open", "client": "c1", "protocols": ["a", "b"]},
    {"op": "server", "id": 5, "do": "stop"},
    {"op": "source", "id": 7, "do": "apply", "hook": "h1", "text": "def f(): pass\n" * 99, "version": 1},
    {"op": "source", "id": 8, "do": "diff", "hook": "h1", "from": 1, "to": 2},
    {"op": "module", "id": 9, "file": "editor.js"},
    {"op": "ping", "id": 6},
]

BAD: list[tuple[object, str]] = [
    ("hello", "A message is a JSON object, not a text."),
    ([1], "A message is a JSON object, not a list."),
    ({}, "The channel has no op null"),
    ({"op": 5}, "The channel has no op a number"),
    ({"op": "x" * 100}, 'The channel has no op "' + "x" * 40 + '..."'),
    ({"op": "hello"}, '"hello" needs "v" (a whole number).'),
    ({"op": "hello", "v": True}, '"v" of "hello" must be a whole number, not true or false.'),
    ({"op": "hello", "v": 1.5}, '"v" of "hello" must be a whole number, not a number.'),
    ({"op": "hello", "v": 1, "face": "tv"}, '"face" of "hello" must be one of widget, lab, page, not "tv".'),
    ({"op": "hello", "v": 1, "token": "x" * 201}, '"token" of "hello" is too long: 201, at most 200.'),
    ({"op": "ping", "id": "7"}, '"id" of "ping" must be a whole number, not a text.'),
    ({"op": "ping", "id": 2**60}, '"id" of "ping" must be a whole number, not a number.'),
    ({"op": "ping", "id": float("nan")}, '"id" of "ping" must be a whole number, not a number.'),
    ({"op": "edit", "edit": {"kind": "burn"}}, 'There is no edit of kind "burn"'),
    ({"op": "edit", "edit": {"kind": None}}, "There is no edit of kind null"),
    ({"op": "edit", "edit": {"kind": "move"}}, '"edit move" needs "hook" (a text).'),
    ({"op": "edit", "edit": {"kind": "attach", "point": "message"}}, 'The edit "attach" names either'),
    (
        {"op": "edit", "edit": {"kind": "replace", "hook": "h1", "ready": "a", "function": "b"}},
        'The edit "replace" names either',
    ),
    ({"op": "watch", "view": "weather"}, '"view" of "watch" must be one of header'),
    ({"op": "watch", "view": "events", "params": {"limit": "x"}}, '"limit" of "watch events" must be'),
    ({"op": "watch", "view": "events", "params": {"filter": {"point": 3}}}, '"point" of "the events filter"'),
    ({"op": "client", "do": "open", "protocols": [1]}, '"protocols" of "client" must be a list of texts'),
    ({"op": "watch", "view": "chain", "params": object()}, "must be an object, not something else."),
]


@pytest.mark.parametrize("message", GOOD, ids=lambda message: message["op"])
def test_known_messages_pass_as_they_are(message: dict[str, Any]) -> None:
    """A message that the tables describe comes out with all its members."""
    read_back = read(message)
    for name, value in message.items():
        assert read_back[name] == value


@pytest.mark.parametrize(("message", "sentence"), BAD)
def test_everything_else_is_refused_in_one_sentence(message: object, sentence: str) -> None:
    """What the tables do not describe is answered by a sentence naming the member and what it must be."""
    with pytest.raises(Malformed) as refusal:
        read(message)
    assert sentence in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_unknown_members_are_dropped() -> None:
    """Members that this version does not know do not reach what stands behind."""
    assert read({"op": "ping", "id": 1, "page": "p", "x": 2}) == {"op": "ping", "id": 1}


def test_null_is_nothing_except_where_it_means_something() -> None:
    """A null for an optional member is left out, but "before": null says "to the end"."""
    assert read({"op": "ping", "id": None}) == {"op": "ping"}
    move = read({"op": "edit", "edit": {"kind": "move", "hook": "h1", "before": None}})
    assert move["edit"] == {"kind": "move", "hook": "h1", "before": None}


def test_whole_floats_are_whole_numbers() -> None:
    """A number such as 3.0, which some JSON writers make of 3, counts as 3."""
    checked = read({"op": "ping", "id": 3.0})
    assert type(checked["id"]) is int


@given(JSON)
def test_no_message_makes_the_reader_fail(message: object) -> None:
    """Whatever JSON may hold is either read or refused."""
    for wrapped in (
        message,
        {"op": message},
        {"op": "edit", "edit": message},
        {"op": "watch", "view": message},
    ):
        identifier(wrapped)
        with contextlib.suppress(Malformed):
            read(wrapped)


def test_the_id_of_a_malformed_message_is_found() -> None:
    """A refusal carries the id of what it refuses, or null where there is no proper one."""
    assert identifier({"id": 4, "op": "nonsense"}) == 4
    assert identifier({"id": "4"}) is None
    assert identifier("x") is None


def test_what_the_bench_says() -> None:
    """Answers, refusals and frames have the members that the protocol gives them."""
    assert answer(1, 7) == {"op": "answer", "id": 1, "ok": True, "revision": 7}
    assert answer(1, 7, python="x", data=[1]) == {
        "op": "answer",
        "id": 1,
        "ok": True,
        "revision": 7,
        "python": "x",
        "data": [1],
    }
    assert refused(None, 7, "no") == {"op": "refused", "id": None, "ok": False, "reason": "no", "revision": 7}
    assert frame("chain", 2, {}) == {"op": "frame", "view": "chain", "frame": 2, "data": {}}


def test_the_written_protocol_names_every_word() -> None:
    """PROTOCOL.md describes every op, member, edit, view and parameter that the tables have."""
    text = (Path(protocol.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
    tables = (protocol.OPS, protocol.COMM_OPS, protocol.EDITS, protocol.PARAMS)
    words = {word for table in tables for name, fields in table.items() for word in (name, *fields)}
    words |= set(protocol.FILTER) | set(protocol.VIEWS) | set(protocol.PACES)
    missing = [word for word in sorted(words) if not re.search(rf"\b{re.escape(word)}\b", text)]
    assert missing == []
