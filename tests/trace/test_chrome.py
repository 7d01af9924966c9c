"""What workbench.trace.chrome promises."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.trace.chrome import chrome_events, write_chrome


def _events(rows: Any, **options: Any) -> list[dict[str, Any]]:
    given_ = {"epoch": 0, "name": "chat", "connections": {}, "edits": (), **options}
    return [json.loads(text) for text in chrome_events(rows, **given_)]


def _slices(events: list[dict[str, Any]]) -> list[tuple[int, float, float, str]]:
    return [(one["tid"], one["ts"], one["dur"], one["name"]) for one in events if one["ph"] == "X"]


def _check_nesting(events: list[dict[str, Any]]) -> None:
    """Slices begin in order, and on each track every one ends before, or inside, what it began in."""
    begun = -1.0
    open_: dict[int, list[float]] = {}
    for tid, ts, dur, _ in _slices(events):
        assert ts >= begun
        begun = ts
        stack = open_.setdefault(tid, [])
        while stack and stack[-1] <= ts + 1e-6:
            stack.pop()
        assert not stack or ts + dur <= stack[-1] + 1e-6
        stack.append(ts + dur)


def test_calls_stand_inside_their_dispatch(rows: Any) -> None:
    """A dispatch is a slice on its connection's track, its calls are slices inside, in microseconds."""
    plan = rows.plan("message", "parse", "echo", revision=3)
    rows.dispatch(
        plan, 10_000, 15_500, [(0, 10_000, 12_000, "ok"), (1, 12_000, 15_500, "raised")],
        connection=2, outcome="raised", error='ValueError: "bad"',
    )  # fmt: skip
    rows.made_calls[0] = (*rows.made_calls[0][:5], 1500, *rows.made_calls[0][6:])

    events = _events(rows, connections={2: "/chat"})

    assert _slices(events) == [(1, 0, 5.5, "message"), (1, 0, 2, "parse"), (1, 2, 3.5, "echo")]
    outer, parse, echo = (one["args"] for one in events if one["ph"] == "X")
    assert outer == {"dispatch": 10, "revision": 3, "outcome": "raised", "error": 'ValueError: "bad"'}
    assert parse == {
        "dispatch": 10, "position": 0, "hook_id": "h1", "version": 1, "outcome": "ok",
        "work_us": 0.5, "wait_us": 1.5,
    }  # fmt: skip
    assert echo["error"] == 'ValueError: "bad"'
    names = {(one["name"], one["tid"]): one["args"] for one in events if one["ph"] == "M"}
    assert names == {
        ("process_name", 0): {"name": "chat"},
        ("thread_name", 1): {"name": "c2 /chat"},
        ("thread_sort_index", 1): {"sort_index": 2000},
    }


def test_what_overlaps_takes_a_further_track(rows: Any) -> None:
    """A second message while the first one waits, and hooks side by side, are drawn beside one another."""
    plan = rows.plan("message", "one", "two")
    rows.dispatch(plan, 0, 100, [(0, 10, 80, "ok"), (1, 20, 90, "ok")])
    rows.dispatch(plan, 50, 60)
    rows.dispatch(plan, 200, 210)

    events = _events(rows)

    tracks = [(tid, name) for tid, _, _, name in _slices(events)]
    assert tracks == [(1, "message"), (1, "one"), (2, "two"), (3, "message"), (1, "message")]
    assert [one["args"]["name"] for one in events if one["name"] == "thread_name"] == [
        "c1",
        "c1 (2)",
        "c1 (3)",
    ]


def test_what_a_hook_caused_is_drawn_inside_or_tied(rows: Any) -> None:
    """A dispatch of the same connection stands in its cause; one of another is tied by an arrow."""
    plan = rows.plan("message", "one")
    first = rows.dispatch(plan, 0, 100, [(0, 10, 80, "ok")])
    rows.dispatch(plan, 20, 30, parent=first)
    other = rows.dispatch(plan, 40, 50, parent=first, connection=2)
    rows.dispatch(plan, 500, 510, parent=first)
    rows.dispatch(plan, 600, 610, parent=999)

    events = _events(rows)

    assert [tid for tid, *_ in _slices(events)] == [1, 1, 1, 2, 1, 1]
    arrows = [
        (one["ph"], one["tid"], one["ts"], one["id"], one.get("bp")) for one in events if one["ph"] in "sf"
    ]
    assert arrows == [("s", 1, 0.04, other, None), ("f", 2, 0.04, other, "e")]


def test_skipped_hooks_are_named_by_their_dispatch(rows: Any) -> None:
    """They took no time, so they are no slices."""
    rows.dispatch(
        rows.plan("message", "a", "b"), 0, 9, [(0, 0, 9, "stopped"), (1, 0, 0, "skipped")], outcome="stopped"
    )
    events = [one for one in _events(rows) if one["ph"] == "X"]
    assert [one["name"] for one in events] == ["message", "a"]
    assert events[0]["args"]["skipped"] == ["b"]


def test_what_is_pending_lasts_until_the_end(rows: Any) -> None:
    """An event without an end is drawn up to the newest stamp, and marked."""
    plan = rows.plan("message", "wait")
    rows.dispatch(plan, 1000, 0, [(0, 2000, 0, "pending")], outcome="pending", connection=-1)
    rows.dispatch(plan, 9000, 10_000)

    pending = [one for one in _events(rows) if one.get("args", {}).get("pending")]

    assert [(one["ts"], one["dur"]) for one in pending] == [(0, 9), (1, 8)]
    assert any(one["args"].get("name") == "no connection" for one in _events(rows) if one["ph"] == "M")


def test_edits_are_marks_through_all_tracks(rows: Any) -> None:
    """Only those that came after the first event."""
    rows.dispatch(rows.plan("message", "a"), 1000, 2000)
    edits = [
        SimpleNamespace(revision=1, time=0.0, python="early"),
        SimpleNamespace(revision=2, time=1e-5, python='bench.chain("message").move("a")'),
    ]

    marks = [one for one in _events(rows, edits=edits) if one["ph"] == "i"]

    assert marks == [
        {
            "ph": "i", "pid": 1, "tid": 0, "ts": 9.0, "s": "g", "cat": "edit",
            "name": 'revision 2: bench.chain("message").move("a")',
        }
    ]  # fmt: skip


INTERVAL = st.tuples(st.integers(0, 60), st.integers(0, 30))


@given(
    st.lists(
        st.tuples(INTERVAL, st.lists(INTERVAL, max_size=3), st.integers(1, 2), st.integers(-1, 3)),
        max_size=12,
    )
)
def test_slices_always_nest(made: list[Any]) -> None:
    """Whatever overlaps, each track holds slices that nest."""
    from workbench.trace.outcomes import (
        OUTCOMES,  # a fixture is nothing for hypothesis
    )

    rows = _Rows(OUTCOMES)
    for number, ((start, length), calls, connection, parent) in enumerate(made):
        cause = parent if parent < number else -1
        rows.add(number, start, start + length, connection=connection, parent=cause, calls=calls)

    _check_nesting(_events(rows))


class _Rows:
    """Records for the test above."""

    def __init__(self, outcomes: tuple[str, ...]) -> None:
        import numpy as np

        hook = SimpleNamespace(name="hook", id="h1", version=1)
        self.plans = [SimpleNamespace(point="message", revision=1, hooks=[hook] * 3, skipped=())]
        self.errors: list[str] = []
        fields = ["id", "plan", "connection", "start", "end", "outcome", "parent", "error", "hooks"]
        self.dispatches = np.zeros(0, dtype=[(name, "i8") for name in fields])
        fields = ["dispatch", "plan", "position", "start", "end", "wait", "outcome", "error"]
        self.calls = np.zeros(0, dtype=[(name, "i8") for name in fields])
        self._ok = outcomes.index("ok")

    def add(
        self, number: int, start: int, end: int, *, connection: int, parent: int, calls: list[Any]
    ) -> None:
        import numpy as np

        row = (number, 0, connection, start, max(end, 1), self._ok, parent, -1, len(calls))
        self.dispatches = np.append(self.dispatches, np.array([row], dtype=self.dispatches.dtype))
        for position, (begun, length) in enumerate(calls):
            call = (number, 0, position, start + begun, max(start + begun + length, 1), 0, self._ok, -1)
            self.calls = np.append(self.calls, np.array([call], dtype=self.calls.dtype))


@pytest.mark.parametrize("name", ["trace.json", "trace.json.gz"])
def test_the_file_is_one_object(rows: Any, tmp_path: Path, name: str) -> None:
    """Plain or compressed, the file is valid JSON in the form that Perfetto reads."""
    plan = rows.plan("message", "a")
    for number in range(1500):
        rows.dispatch(plan, number * 10 + 7, number * 10 + 12)

    path = write_chrome(tmp_path / name, rows, epoch=100)

    read = gzip.open if name.endswith("gz") else open
    with read(path, "rt", encoding="utf-8") as file:
        data = json.load(file)
    assert data["displayTimeUnit"] == "ns"
    assert data["otherData"]["started_ns"] == 107
    assert sum(one["ph"] == "X" for one in data["traceEvents"]) == 1500


def test_an_empty_trace_is_a_valid_file(rows: Any, tmp_path: Path) -> None:
    """Without events only the name of the process is there."""
    data = json.loads(write_chrome(tmp_path / "trace.json", rows, epoch=0).read_text())
    assert [one["name"] for one in data["traceEvents"]] == ["process_name"]
