"""What workbench.trace.frames promises."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.trace import frames
from workbench.trace.connections import Connection
from workbench.trace.failures import Failure
from workbench.trace.frames import (
    calls_frame,
    category,
    connections_frame,
    dispatches_frame,
    edits_frame,
    errors_frame,
    printed_frame,
)
from workbench.trace.output import Line

EPOCH = pd.Timestamp("2026-01-01").value


def _dialect(point: str) -> str:
    return "wookie" if point.startswith("pre-") else "crossws"


def test_a_dispatch_is_a_row(rows: Any) -> None:
    """Every column says what the record says; names are categories, moments are moments."""
    message, route = rows.plan("message", "parse", "echo", revision=7), rows.plan("pre-route", "auth")
    rows.dispatch(message, 1000, 1500, [(0, 1000, 1500, "raised")], outcome="raised", error="ValueError: bad")
    rows.dispatch(route, 2000, 0, connection=2, outcome="pending", parent=10)

    frame = dispatches_frame(rows, EPOCH, _dialect)

    assert frame.to_dict("list") == {
        "dispatch": [10, 11],
        "point": ["message", "pre-route"],
        "dialect": ["crossws", "wookie"],
        "connection": [1, 2],
        "revision": [7, 1],
        "start": [pd.Timestamp(EPOCH + 1000), pd.Timestamp(EPOCH + 2000)],
        "duration_ns": [500, 0],
        "hooks": [1, 0],
        "outcome": ["raised", "pending"],
        "error": ["ValueError: bad", pytest.approx(float("nan"), nan_ok=True)],
        "parent": [-1, 10],
    }
    assert {name for name in frame if frame[name].dtype == "category"} == {
        "point",
        "dialect",
        "outcome",
        "error",
    }
    assert frame["start"].dtype == "datetime64[ns]"


def test_a_call_is_a_row(rows: Any) -> None:
    """A call carries its hook's name, id and version, its dispatch's connection; skipped ones no start."""
    plan = rows.plan("message", "parse", "echo")
    rows.dispatch(plan, 1000, 1500, [(0, 1000, 1500, "stopped"), (1, 0, 0, "skipped")], connection=3)

    frame = calls_frame(rows, EPOCH, _dialect)

    assert frame.drop(columns=["start", "error"]).to_dict("list") == {
        "dispatch": [10, 10],
        "position": [0, 1],
        "hook": ["parse", "echo"],
        "hook_id": ["h1", "h2"],
        "version": [1, 1],
        "point": ["message", "message"],
        "dialect": ["crossws", "crossws"],
        "connection": [3, 3],
        "revision": [1, 1],
        "duration_ns": [500, 0],
        "wait_ns": [0, 0],
        "outcome": ["stopped", "skipped"],
    }
    assert frame["start"][0] == pd.Timestamp(EPOCH + 1000)
    assert pd.isna(frame["start"][1])
    assert frame["error"].isna().all()


def test_a_finished_call_took_some_time(rows: Any) -> None:
    """A duration that the clock could not see is one nanosecond, not none."""
    rows.dispatch(rows.plan("message", "echo"), 1000, 1000, [(0, 1000, 1000, "ok")])
    assert calls_frame(rows, EPOCH, _dialect)["duration_ns"].tolist() == [1]


def test_rows_come_in_the_order_of_their_ids(rows: Any) -> None:
    """Records that ended in another order are sorted, and calls still find their dispatch, gaps or not."""
    plan = rows.plan("message", "echo")
    rows.dispatch(plan, 3000, 3500, [(0, 3000, 3500, "ok")], connection=5, number=30)
    rows.dispatch(plan, 1000, 1500, [(0, 1000, 1500, "ok")], connection=6, number=10)
    rows.dispatch(plan, 2000, 2500, [(0, 2000, 2500, "ok")], connection=7, number=11)

    assert dispatches_frame(rows, EPOCH, _dialect)["dispatch"].tolist() == [10, 11, 30]
    calls = calls_frame(rows, EPOCH, _dialect)
    assert calls[["dispatch", "connection"]].to_numpy().tolist() == [[10, 6], [11, 7], [30, 5]]


def test_skipped_hooks_of_a_plan_have_places_after_those_that_run(rows: Any) -> None:
    """A plan's own list of skipped hooks is found behind its hooks."""
    plan = rows.plan("message", "echo")
    made = rows.plans[plan]
    shout = SimpleNamespace(name="shout", id="h9", version=2)
    rows.plans[plan] = type(made)(made.point, 1, made.hooks, ((shout, "off"),))
    rows.dispatch(plan, 1000, 1500, [(0, 1000, 1500, "ok"), (1, 0, 0, "skipped")])

    assert calls_frame(rows, EPOCH, _dialect)["hook_id"].tolist() == ["h1", "h9"]


def test_frames_of_nothing_have_their_columns(rows: Any) -> None:
    """Without records the frames are empty and typed as ever."""
    full = type(rows)()
    full.dispatch(full.plan("message", "echo"), 1, 2, [(0, 1, 2, "ok")])
    for make in (dispatches_frame, calls_frame):
        empty = make(rows, EPOCH, _dialect)
        assert len(empty) == 0
        like = make(full, EPOCH, _dialect)
        assert list(empty.columns) == list(like.columns)
        assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in like.dtypes]


def test_frames_are_copies(rows: Any) -> None:
    """Writing into a frame does not reach the records."""
    rows.dispatch(rows.plan("message", "echo"), 1000, 1500, [(0, 1000, 1500, "ok")])
    fixed = SimpleNamespace(dispatches=rows.dispatches, calls=rows.calls, plans=rows.plans, errors=[])
    frame = dispatches_frame(fixed, EPOCH, _dialect)
    frame.loc[0, "hooks"] = 9
    frame.loc[0, "connection"] = 9
    assert (fixed.dispatches["hooks"][0], fixed.dispatches["connection"][0]) == (1, 1)


def test_no_column_of_records_holds_objects(rows: Any) -> None:
    """Categories, integers and moments only: 52 bytes a call."""
    plan = rows.plan("message", "echo")
    for number in range(1000):
        rows.dispatch(plan, number + 1, number + 2, [(0, number + 1, number + 2, "ok")])
    frame = calls_frame(rows, EPOCH, _dialect)

    assert not [name for name in frame if frame[name].dtype.kind == "O" and frame[name].dtype != "category"]
    assert frame.memory_usage(index=False).sum() <= 64 * len(frame)


def test_errors_may_be_records_with_a_text(rows: Any) -> None:
    """The recorder may keep more of an error than its line."""
    rows.dispatch(rows.plan("message", "echo"), 1, 2, outcome="raised", error="KeyError: 'a'")
    rows.errors[0] = SimpleNamespace(text="KeyError: 'a'")
    assert dispatches_frame(rows, EPOCH, _dialect)["error"].tolist() == ["KeyError: 'a'"]


def test_points_may_be_names() -> None:
    """A plan may hold its point's name in place of the point."""
    assert frames.name_of("message") == "message"


def test_categories_are_used_and_unique() -> None:
    """Labels that occur twice are one category; unused ones are none; -1 is missing, also in a table."""
    made = category(np.array([0, 2, 1, 0, -1]), ["a", "b", "a", "c"])
    assert list(made.categories) == ["a", "b"]
    assert made.codes.tolist() == [0, 0, 1, 0, -1]

    made = category(np.array([0, 1]), ["x"], np.array([-1, 0]))
    assert made.codes.tolist() == [-1, 0]


def test_many_categories_fit() -> None:
    """The codes are as wide as their number asks for."""
    made = category(np.arange(300), [str(number) for number in range(300)])
    assert made.codes.dtype == "int16"
    assert made[299] == "299"


def test_connections_are_rows() -> None:
    """An open connection has no time of closing; absent texts are empty."""
    frame = connections_frame(
        [
            Connection(1, "crossws", "/chat", "127.0.0.1", EPOCH, EPOCH + 5, 1000, "bye", 1, 2, 3, 4),
            Connection(2, "crossws", "/chat", "", EPOCH),
        ]
    )

    assert frame["closed"].isna().tolist() == [False, True]
    assert frame.drop(columns=["opened", "closed"]).iloc[0].tolist() == [
        1, "crossws", "/chat", "127.0.0.1", 1000, "bye", 1, 2, 3, 4,
    ]  # fmt: skip
    assert list(frame.columns) == [
        "connection", "dialect", "path", "remote", "opened", "closed", "code", "reason",
        "messages_in", "messages_out", "bytes_in", "bytes_out",
    ]  # fmt: skip
    assert list(connections_frame([]).columns) == list(frame.columns)


def test_edits_are_rows() -> None:
    """An entry of the journal keeps its line of Python; an edit without hook has none."""
    entry = SimpleNamespace(
        revision=2,
        time=1.5,
        kind="mark",
        hook=None,
        point=None,
        author="api",
        python="bench.mark('x')",
        undone=False,
    )
    frame = edits_frame([entry], {})

    assert frame["time"][0] == pd.Timestamp("1970-01-01 00:00:01.5")
    assert [frame[name][0] for name in ("revision", "edit", "author", "python")] == [
        2,
        "mark",
        "api",
        "bench.mark('x')",
    ]
    assert frame[["hook", "hook_id", "point"]].isna().all(axis=None)
    assert list(edits_frame([], {}).columns) == list(frame.columns)


def test_escaped_errors_are_rows() -> None:
    """Text columns hold text, whatever pandas calls that."""
    frame = errors_frame([Failure(EPOCH, 4, "message", "shout", 2, "ValueError: bad", "Traceback\n")])

    assert frame.iloc[0].tolist() == [
        pd.Timestamp(EPOCH), 4, "message", "shout", 2, "ValueError: bad", "Traceback\n",
    ]  # fmt: skip
    assert pd.api.types.is_string_dtype(frame["traceback"])
    assert len(errors_frame([])) == 0


def test_prints_are_rows() -> None:
    """The hook is named by whoever knows it."""
    lines = [Line(4, 1, "stdout", EPOCH, "hi\n"), Line(5, -1, "stderr", EPOCH, "oh\n")]
    frame = printed_frame(lines, lambda _, position: "shout" if position == 1 else "")

    assert frame.drop(columns="time").to_numpy().tolist() == [
        [4, 1, "shout", "stdout", "hi\n"],
        [5, -1, "", "stderr", "oh\n"],
    ]
    assert len(printed_frame([], lambda _, __: "")) == 0
