"""What workbench.trace.trace promises, on a real board with a real recorder."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench.engine.board import Board
from workbench.engine.points import IGNORE, Point, Policy, Reduce, Stop
from workbench.trace.connections import Connections
from workbench.trace.recorder import Recorder
from workbench.trace.snapshots import Snapshots
from workbench.trace.trace import NoSnapshot, Trace

FIRST_TEXT = Reduce("first text", lambda _, result: Stop(result))


def _parts(peer: dict[str, Any], message: dict[str, Any]) -> dict[str, object]:
    return {"context": peer, "message": message}


def _board(reduce: Reduce = IGNORE) -> Board:
    message = Point("message", ("peer", "message"), Policy("fold", reduce), snapshot=_parts)
    return Board([message, Point("close", ("peer",)), Point("/chat:message", ("peer", "message"))])


@pytest.fixture
def board() -> Board:
    """Two points, one of them with something to snapshot."""
    return _board()


@pytest.fixture
def trace(board: Board) -> Trace:
    """A trace of that board."""
    return Trace(board, name="chat", dialect_of="crossws")


def _fire(board: Board, text: str = "hi", connection: int = 1) -> Any:
    return board.plan("message").fire(connection, {}, {"raw": text})


def test_calls_and_dispatches_say_what_ran(board: Board, trace: Trace) -> None:
    """One row per event and per call, with names, connection, revision and real times."""
    board.attach("message", look, name="look")
    board.attach("message", look, name="echo")
    before = time.time_ns()
    _fire(board, connection=4)
    after = time.time_ns()

    (event,) = trace.dispatches.to_dict("records")
    calls = trace.calls

    assert (event["point"], event["dialect"], event["connection"], event["revision"]) == (
        "message",
        "crossws",
        4,
        2,
    )
    assert (event["hooks"], event["outcome"], event["parent"]) == (2, "ok", -1)
    assert before - 1_000_000 <= event["start"].value <= after
    assert calls["hook"].tolist() == ["look", "echo"]
    assert calls["position"].tolist() == [0, 1]
    assert (calls["dispatch"] == event["dispatch"]).all()
    assert (calls["duration_ns"] > 0).all()
    assert (trace.kept, trace.dropped) == (1, 0)


def test_hooks_after_a_stop_or_a_raise_are_skipped() -> None:
    """They have rows of their own; so has the error, in the call and in the dispatch."""
    board = _board(FIRST_TEXT)
    trace = Trace(board)
    board.attach("message", lambda _, message: message["raw"] or 1 / 0, name="answer")
    board.attach("message", look, name="after")
    _fire(board)
    with pytest.raises(ZeroDivisionError):
        _fire(board, "")

    calls = trace.calls

    assert calls["outcome"].tolist() == ["stopped", "skipped", "raised", "skipped"]
    assert calls["error"].tolist()[2] == "ZeroDivisionError: division by zero"
    assert trace.dispatches["error"].tolist()[1] == "ZeroDivisionError: division by zero"
    (answer,) = trace.summary().to_dict("records")
    assert [answer[name] for name in ("hook", "calls", "errors")] == ["answer", 2, 1]


def test_disabled_hooks_have_no_rows(board: Board, trace: Trace) -> None:
    """What is off is not in the plan."""
    board.attach("message", look, name="look")
    board.attach("message", look, name="echo")
    board.enable("look", False)
    _fire(board)
    assert trace.calls["hook"].tolist() == ["echo"]


def test_waiting_is_told_from_working(board: Board, trace: Trace) -> None:
    """`wait_ns` is the time for which a hook was suspended, and part of its duration."""

    async def slow(_peer: Any, _message: Any) -> None:
        await asyncio.sleep(0.02)

    board.attach("message", slow)

    async def run() -> None:
        await _fire(board)

    asyncio.run(run())
    (call,) = trace.calls.to_dict("records")
    assert 15_000_000 < call["wait_ns"] < call["duration_ns"]


def test_changes_name_the_hook_and_the_field(board: Board, trace: Trace) -> None:
    """The first event of all has its snapshot; the newest one is meant where none is named."""

    def parse(peer: dict[str, Any], message: dict[str, Any]) -> None:
        peer["msg"] = {"say": message["raw"]}

    def shout(peer: dict[str, Any]) -> None:
        peer["msg"]["say"] = peer["msg"]["say"].upper()

    for hook in (parse, look, shout):
        board.attach("message", hook)
    _fire(board, "hi")
    _fire(board, "HO")
    first, second = trace.dispatches["dispatch"]

    assert trace.changes(first).to_dict("records") == [
        {
            "position": 0,
            "hook": "parse",
            "path": "context.msg",
            "before": None,
            "after": {"say": "hi"},
            "op": "added",
        },
        {
            "position": 2,
            "hook": "shout",
            "path": "context.msg.say",
            "before": "hi",
            "after": "HI",
            "op": "changed",
        },
    ]
    assert trace.changes()["hook"].tolist() == ["parse"]
    assert trace.shot(second) is trace.shot()
    assert [position for position, _ in trace.field_changes(second)] == [0, 1, 2]


def look(_peer: Any, _message: Any) -> None:
    """A hook that only looks."""


def test_a_missing_snapshot_is_explained(board: Board, trace: Trace) -> None:
    """Off, rate 0, nothing yet, cleared, unknown, sampled out: each says what it is and what to do."""
    board.attach("message", look)
    trace.off()
    _fire(board)
    wrong: Any = "one"
    with pytest.raises(NoSnapshot, match=r"The number of an event is expected, .*got 'one'"):
        trace.changes(wrong)
    with pytest.raises(NoSnapshot, match=r"trace is off; switch it on with trace\.on\(\)"):
        trace.changes()
    trace.on()
    with pytest.raises(NoSnapshot, match="No event has a snapshot yet; send one"):
        trace.changes()
    trace.snapshots.limit(0)
    _fire(board)
    with pytest.raises(NoSnapshot, match=r"rate is 0; set it with trace\.snapshots\.limit"):
        trace.changes()
    (only,) = trace.dispatches["dispatch"]
    with pytest.raises(NoSnapshot, match=f"Dispatch {only} has no snapshot: at most 0 events a second"):
        trace.changes(only)
    with pytest.raises(NoSnapshot, match="There is no dispatch 999 in the trace: it was dropped"):
        trace.changes(999)
    trace.snapshots.limit(100)
    trace.clear()
    with pytest.raises(NoSnapshot, match="since the trace was cleared; send one"):
        trace.changes()
    with pytest.raises(NoSnapshot, match=f"no dispatch {only} in the trace: the trace was cleared, or it"):
        trace.changes(only)


def test_only_so_many_events_are_snapshotted() -> None:
    """Beyond the rate events are traced without their payload."""
    board = _board()
    trace = Trace(board, snapshots=Snapshots(rate=1, burst=3))
    board.attach("message", look)
    for _ in range(20):
        _fire(board)
    assert (trace.kept, len(trace.snapshots)) == (20, 3)


def test_a_change_inside_of_a_value_is_seen_by_snapshots_alone() -> None:
    """Without one the call is ok; that is said where the outcomes are told of, and where a snapshot lacks."""

    def mark(_peer: Any, message: Any) -> None:
        message["marks"] = 1

    board = _board()
    trace = Trace(board, snapshots=Snapshots(rate=1, burst=1))
    board.attach("message", mark)
    _fire(board)
    _fire(board)
    assert list(trace.calls["outcome"]) == ["changed", "ok"]
    said = "a hook that changes something inside of a value, such as a key of a dict, counts as ok"
    with pytest.raises(NoSnapshot, match=said):
        trace.changes(trace.dispatches["dispatch"].iloc[-1])
    assert "is seen only in events with a snapshot" in " ".join((Trace.calls.__doc__ or "").split())


def test_prints_belong_to_their_call(board: Board, trace: Trace, capsys: pytest.CaptureFixture[str]) -> None:
    """Of plain and of waiting hooks, on both streams; what is printed elsewhere goes where it always went."""

    def plain(_peer: Any, message: Any) -> None:
        print("plain", message["raw"])

    async def waiting(_peer: Any, message: Any) -> None:
        print("before")
        await asyncio.sleep(0.001)
        print("after", message["raw"], file=sys.stderr)

    board.attach("message", plain)
    board.attach("message", waiting)

    async def run() -> None:
        await asyncio.gather(_fire(board, "a"), _fire(board, "b"))

    capture = trace.capture_output()
    print("outside")
    asyncio.run(run())
    capture.stop()

    first, second = trace.dispatches["dispatch"]
    frame = trace.printed()
    assert sorted(frame.drop(columns="time").to_numpy().tolist()) == [
        [first, 0, "plain", "stdout", "plain a\n"],
        [first, 1, "waiting", "stderr", "after a\n"],
        [first, 1, "waiting", "stdout", "before\n"],
        [second, 0, "plain", "stdout", "plain b\n"],
        [second, 1, "waiting", "stderr", "after b\n"],
        [second, 1, "waiting", "stdout", "before\n"],
    ]
    assert trace.printed(first)["hook"].tolist() == ["plain", "waiting", "waiting"]
    assert [line.text for line in trace.printed_lines(second)] == ["plain b\n", "before\n", "after b\n"]
    assert capsys.readouterr() == ("outside\n", "")


def test_prints_of_forgotten_events_have_no_name(trace: Trace) -> None:
    """The text stays, the hook is unknown."""
    trace.output.write(999, 0, "stdout", "who was it?\n")
    assert trace.printed(999)["hook"].tolist() == [""]
    trace.output.write(998, -1, "stdout", "and this?\n")
    assert trace.printed()["hook"].tolist() == ["", ""]


def test_escaped_errors_know_their_event(board: Board, trace: Trace) -> None:
    """An error noted inside a hook belongs to the event that runs, unless somebody says so."""

    def hook() -> None:
        trace.add_error(ValueError("in"), point="message", hook="hook", connection=1)

    board.attach("message", hook)
    _fire(board)
    trace.add_error(ValueError("out"))
    trace.add_error(ValueError("told"), dispatch=7)

    (only,) = trace.dispatches["dispatch"]
    assert trace.errors["dispatch"].tolist() == [only, -1, 7]
    assert trace.errors["error"].tolist() == ["ValueError: in", "ValueError: out", "ValueError: told"]


def test_an_error_that_gets_out_knows_who_raised_it(board: Board, trace: Trace) -> None:
    """Whoever takes it later need not say in which event and hook it was raised."""

    def shout(_peer: Any, message: dict[str, Any]) -> None:
        message["missing"]

    board.attach("message", shout)
    with pytest.raises(KeyError) as caught:
        _fire(board)
    trace.add_error(caught.value, point="message")

    (event,) = trace.dispatches["dispatch"]
    (row,) = trace.errors.to_dict("records")
    assert (row["dispatch"], row["hook"], row["error"]) == (event, "shout", "KeyError: 'missing'")


def test_edits_are_told_with_names(board: Board, trace: Trace) -> None:
    """Every edit is a row with the hook's name and id and the line of Python that does the same."""
    board.attach("message", look, name="look")
    board.remove("look")
    board.mark("here")

    edits = trace.edits

    assert edits["edit"].tolist() == ["attach", "remove", "mark"]
    assert edits["hook"].tolist()[:2] == ["look", "look"]
    assert edits["hook_id"].tolist()[:2] == ["h1", "h1"]
    assert edits["python"].str.contains("bench").all()


def test_connections_have_a_frame(trace: Trace) -> None:
    """What the registry knows is a frame."""
    trace.registry.opened("crossws", "/chat", "127.0.0.1")
    assert trace.connections["path"].tolist() == ["/chat"]


def test_tracing_can_be_switched(board: Board, trace: Trace) -> None:
    """Off, nothing is recorded; what was recorded stays; on again, it goes on."""
    board.attach("message", look)
    _fire(board)
    trace.off()
    assert not trace.enabled
    _fire(board)
    assert trace.kept == 1
    trace.on()
    _fire(board)
    assert trace.kept == 2


def test_clearing_forgets_what_was_recorded(board: Board, trace: Trace) -> None:
    """Edits and open connections stay."""
    board.attach("message", look)
    _fire(board)
    trace.add_error(ValueError("x"))
    trace.output.write(1, 0, "stdout", "x")
    trace.registry.opened("crossws", "/", None)
    trace.clear()

    assert [len(frame) for frame in (trace.calls, trace.dispatches, trace.errors, trace.printed())] == [0] * 4
    assert len(trace.snapshots) == 0
    assert (len(trace.edits), len(trace.connections)) == (1, 1)


@pytest.mark.parametrize(
    ("dialect_of", "expected"), [("wookie", ["wookie"]), (lambda point: f"of {point}", ["of /chat:message"])]
)
def test_dialects_are_told_by_the_bench(dialect_of: str | Callable[[str], str], expected: list[str]) -> None:
    """A text stands for all points; a function is asked for each."""
    board = _board()
    trace = Trace(board, dialect_of=dialect_of)
    board.attach("/chat:message", look)
    board.plan("/chat:message").fire(1, {}, {})
    assert trace.calls["dialect"].tolist() == expected


def test_parts_may_be_given(board: Board) -> None:
    """A recorder and a registry of one's own are used."""
    recorder, connections = Recorder(), Connections()
    trace = Trace(board, recorder=recorder, connections=connections)
    assert (trace.recorder, trace.registry) == (recorder, connections)


def test_exports_hold_what_the_frames_hold(board: Board, trace: Trace, tmp_path: Path) -> None:
    """Parquet reads back equal; the Chrome trace has a slice per dispatch and call."""
    board.attach("message", look)
    index = trace.registry.opened("crossws", "/chat", None)
    for _ in range(3):
        _fire(board, connection=index)

    folder = trace.to_parquet(tmp_path / "trace")
    file = trace.to_chrome(tmp_path / "trace.json")

    for name in ("dispatches", "calls", "connections", "edits", "errors"):
        pd.testing.assert_frame_equal(pd.read_parquet(folder / f"{name}.parquet"), getattr(trace, name))
    events = json.loads(file.read_text(encoding="utf-8"))["traceEvents"]
    assert sum(one["ph"] == "X" for one in events) == 6
    names = [one["args"].get("name") for one in events if one["ph"] == "M"]
    assert names[0] == "chat"
    assert "c1 /chat" in names


def test_it_shows_itself_in_short(board: Board, trace: Trace) -> None:
    """Counts, whether it is on, and what to ask next; names are escaped."""
    board.attach("message", look)
    _fire(board)

    assert repr(trace).startswith(
        "<trace of chat: on, 1 dispatches kept, 0 dropped; frames: .dispatches .calls"
    )
    trace.name = "<b>"
    html = trace._repr_html_()
    assert "Trace of &lt;b&gt;: on" in html
    assert "1 kept, 0 dropped" in html
    assert ".summary()" in html
    trace.off()
    assert "trace.on()" in trace._repr_html_()
    assert ": off," in repr(trace)


@pytest.mark.parametrize("megabytes", [0.5, -1, float("nan")])
def test_a_trace_without_room_is_refused(megabytes: float) -> None:
    """With what is expected and what came."""
    with pytest.raises(ValueError, match="1 megabyte of records or more; got"):
        Trace(Board([Point("p", ("peer",))]), dialect_of="x").limit(megabytes)


def test_less_room_takes_effect_at_once() -> None:
    """The oldest go, the newest stay, and the counters know all of them."""
    board = Board([Point("p", ("peer",))])
    trace = Trace(board, dialect_of="x")
    board.attach("p", lambda _peer: None, name="look")
    for _ in range(40_000):
        board.plan("p").fire(1, None)
    assert trace.kept == 40_000
    trace.limit(1)
    assert trace.recorder.store.size <= 1024 * 1024
    assert 10_000 < trace.kept == 40_000 - trace.dropped
    assert trace.recorder.events == 40_000
    assert trace.dispatches.dispatch.iloc[-1] == 40_000
