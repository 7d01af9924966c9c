"""Windows of what a condition holds for: the same as slices of the frames, whatever happened."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.trace.batches import Batch, Wants
from workbench.trace.outcomes import OUTCOMES
from workbench.trace.recorder import Recorder
from workbench.trace.selections import Selection
from workbench.trace.trace import Trace

SMALL = 6000
"""Bytes in which some dozens of records find room."""


class Traffic:
    """A board with two points, and every kind of event."""

    def __init__(self, limit: int = SMALL) -> None:
        self.board = Board([Point("calm", ("peer", "message")), Point("wild", ("peer", "message"))])
        self.recorder = Recorder(limit)
        self.trace = Trace(self.board, dialect_of="x", recorder=self.recorder)
        self.trace.snapshots.limit(0)
        self.loop = asyncio.new_event_loop()
        self.held: list[tuple[asyncio.Event, asyncio.Task[Any]]] = []
        self.board.attach("calm", self._touch, name="touch")
        self.board.attach("calm", lambda _peer, _message: None, name="look")
        self.board.attach("wild", self._wild, name="wild")
        self.board.attach("wild", lambda _peer, _message: None, name="after")

    def _touch(self, _peer: object, message: object) -> None:
        if message:
            self.recorder.touch()

    async def _wild(self, _peer: object, message: Any) -> None:
        if message == "raise":
            raise ValueError("odd")
        if isinstance(message, asyncio.Event):
            await message.wait()

    def do(self, kind: str, connection: int) -> None:
        """Have something happen."""
        if kind in ("plain", "changed"):
            self.board.plan("calm").fire(connection, None, kind == "changed")
        elif kind == "hold":
            self.loop.run_until_complete(self._hold(connection))
        elif kind == "release":
            self.release(1)
        else:
            with contextlib.suppress(ValueError):
                self.loop.run_until_complete(self._fired(connection, kind))

    async def _hold(self, connection: int) -> None:
        event = asyncio.Event()
        self.held.append((event, asyncio.ensure_future(self._fired(connection, event))))
        await asyncio.sleep(0)

    async def _fired(self, connection: int, message: object) -> None:
        await self.board.plan("wild").fire(connection, None, message)

    def release(self, most: int = 10_000) -> None:
        """Let the oldest of those that are held go on."""
        for event, task in self.held[:most]:
            event.set()
            self.loop.run_until_complete(task)
        del self.held[:most]

    def close(self) -> None:
        """End everything."""
        self.release()
        self.loop.close()


def outcome_is(name: str) -> Wants:
    """Make the condition that an event ended so."""

    def holds(batch: Batch) -> Any:
        return batch.outcome == OUTCOMES.index(name)

    return holds


def has_outcome(name: str, dispatches: pd.DataFrame) -> Any:
    """Say the same of a frame."""
    return dispatches.outcome == name


CONDITIONS: dict[str, tuple[Wants | None, Callable[[pd.DataFrame], Any]]] = {
    "all": (None, lambda _: slice(None)),
    "point": (lambda batch: batch.all(batch.plan.point.name == "wild"), lambda f: f.point == "wild"),
    "connection": (lambda batch: batch.connection == -1, lambda f: f.connection == -1),
    "dispatch": (lambda batch: batch.dispatch % 3 == 0, lambda f: f.dispatch % 3 == 0),
    "parent": (lambda batch: batch.parent == -1, lambda f: f.parent == -1),
    "error": (
        lambda batch: batch.error(lambda text: "odd" in text),
        lambda f: f.error.astype(str).str.contains("odd"),
    ),
    **{
        name: (outcome_is(name), partial(has_outcome, name))
        for name in ("ok", "changed", "raised", "pending")
    },
}
"""Conditions on records, and the same on frames."""

KINDS = ["plain", "changed", "quick", "raise", "hold", "release", "look", "ahead"]


@pytest.mark.parametrize("name", CONDITIONS)
@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(KINDS), st.sampled_from([-1, 1, 2]), st.integers(1, 25)), min_size=3
    ),
    rank=st.integers(0, 60),
    count=st.integers(1, 60),
    back=st.none() | st.integers(0, 200),
)
def test_any_window_is_the_same_slice_of_the_frame(
    name: str, steps: list[tuple[str, int, int]], rank: int, count: int, back: int | None
) -> None:
    """Looked at once or again and again, while events end late and the oldest are dropped."""
    traffic = Traffic()
    wants, same = CONDITIONS[name]
    selection = traffic.recorder.selections.get(name, wants)
    try:
        for kind, connection, times in steps:
            for _ in range(times):
                if kind == "look":
                    selection.window(rank, count)
                elif kind == "ahead":
                    selection.ahead(count)
                else:
                    traffic.do(kind, connection)
        dispatches = traffic.trace.dispatches
        chosen = dispatches[same(dispatches)]
        before = None if back is None else back + 1
        if before is not None:
            chosen = chosen[chosen.dispatch < before]
        window = selection.window(rank, count, before)
        expected = chosen.dispatch[::-1][rank : rank + count][::-1].tolist()
        assert window.rows.dispatches["id"].tolist() == expected
        assert window.matching == len(chosen)
        assert set(window.rows.calls["dispatch"]) <= set(expected)
    finally:
        traffic.close()


def test_what_was_looked_at_ahead_is_not_looked_at_again() -> None:
    """A little at a time, until the first window has nothing left to do."""
    traffic = Traffic(10**6)
    seen: list[int] = []

    def noted(batch: Batch) -> Any:
        seen.extend(batch.dispatch.tolist())
        return batch.all(True)

    selection = traffic.recorder.selections.get("noted", noted)
    for _ in range(4000):
        traffic.do("plain", 1)
    selection.ahead(1)
    assert 0 < len(seen) <= 1024
    for _ in range(20):
        selection.ahead(1)
    assert seen == list(range(1, 4001))
    assert selection.window(0, 1).matching == len(seen) == 4000
    traffic.close()


def test_an_event_that_ends_late_takes_its_place_in_the_order() -> None:
    """Before all that began after it, though those were selected long ago."""
    traffic = Traffic(10**6)
    ended = traffic.recorder.selections.get("ended", lambda batch: batch.outcome != OUTCOMES.index("pending"))
    for kind in ["plain", "hold", "plain", "hold", "plain"]:
        traffic.do(kind, 1)
    assert ended.window(0, 9).rows.dispatches["id"].tolist() == [1, 3, 5]
    traffic.release()
    assert ended.window(0, 9).rows.dispatches["id"].tolist() == [1, 2, 3, 4, 5]
    traffic.close()


def test_times_are_those_of_the_frames() -> None:
    """Duration, work and wait of each event, also where hooks wait, raise, or are skipped."""
    traffic = Traffic(10**6)
    for kind in ["plain", "changed", "quick", "raise", "hold", "plain", "release"]:
        traffic.do(kind, 1)
    calls = traffic.trace.calls
    sums = calls.groupby("dispatch")[["duration_ns", "wait_ns"]].sum()
    expected = {
        "duration": traffic.trace.dispatches.set_index("dispatch").duration_ns.to_dict(),
        "wait": sums.wait_ns.to_dict(),
        "work": (sums.duration_ns - sums.wait_ns).to_dict(),
    }
    for column, values in expected.items():
        seen: dict[int, int] = {}

        def noted(batch: Batch, column: str = column, seen: dict[int, int] = seen) -> Any:
            seen.update(zip(batch.dispatch.tolist(), getattr(batch, column).tolist(), strict=True))
            return batch.all(True)

        Selection(traffic.recorder, noted).window(0, 1)
        assert seen == values
    traffic.close()


def test_what_runs_is_measured_up_to_now() -> None:
    """A hook that waits has waited until now, one that has not begun not at all."""
    traffic = Traffic()
    traffic.do("hold", 7)

    def waits(batch: Batch) -> Any:
        return (batch.wait > 0) & (batch.duration >= batch.wait) & (batch.work == 0)

    assert traffic.recorder.selections.get("waits", waits).window(0, 5).matching == 1
    traffic.close()


def test_what_another_thread_runs_is_selected_too() -> None:
    """With what its first hooks did, and those that did not begin."""
    recorder = Recorder()
    board = Board([Point("p", ("peer", "message"))])
    board.tracer = recorder
    inside, go_on = threading.Event(), threading.Event()

    def stay(_peer: object, _message: object) -> None:
        inside.set()
        assert go_on.wait(10)

    board.attach("p", lambda _peer, _message: recorder.touch(), name="touch")
    board.attach("p", lambda _peer, _message: None, name="look")
    board.attach("p", stay, name="stay")
    board.attach("p", lambda _peer, _message: None, name="later")
    thread = threading.Thread(target=lambda: board.plan("p").fire(3, None, None))
    thread.start()
    assert inside.wait(10)
    try:
        seen: list[list[int]] = []

        def noted(batch: Batch) -> Any:
            seen.append((batch.table[0, 7::3] & 7).tolist())
            return outcome_is("pending")(batch)

        window = recorder.selections.get("pending", noted).window(0, 5)
        assert window.rows.dispatches["connection"].tolist() == [3]
        assert [OUTCOMES[code] for code in seen[0]] == ["changed", "ok", "pending", "skipped"]
    finally:
        go_on.set()
        thread.join()
    assert recorder.selections.get("pending").window(0, 5).matching == 0


def test_a_record_is_looked_at_once() -> None:
    """So that a filter over a million events costs nothing from the second look on."""
    traffic = Traffic(10**6)
    looked: list[int] = []

    def noted(batch: Batch) -> Any:
        looked.extend(batch.dispatch.tolist())
        return batch.all(True)

    selection = traffic.recorder.selections.get("noted", noted)
    for _ in range(3):
        for _ in range(1500):
            traffic.do("plain", 1)
        selection.window(0, 10)
    assert looked == list(range(1, 4501))
    traffic.close()


def test_a_record_that_is_claimed_and_not_written_waits_for_its_writer() -> None:
    """It is selected once it is there, in its place."""
    traffic = Traffic()
    for _ in range(3):
        traffic.do("plain", 1)
    block = traffic.recorder.store.blocks()[0]
    offset = next(block.offsets)
    traffic.do("plain", 1)
    selection = traffic.recorder.selections.get()
    assert selection.window(0, 9).matching == 3
    block.buffer[offset : offset + 8] = (99).to_bytes(8, "little")
    assert selection.window(0, 2).rows.dispatches["id"].tolist() == [4, 99]
    traffic.close()


def test_nothing_is_left_after_the_trace_was_cleared() -> None:
    """And what comes then is found."""
    traffic = Traffic()
    selection = traffic.recorder.selections.get()
    for _ in range(20):
        traffic.do("plain", 1)
    assert selection.window(0, 5).matching == 20
    traffic.trace.clear()
    assert selection.window(0, 5).matching == 0
    traffic.do("raise", 1)
    assert selection.window(0, 5).rows.dispatches["id"].tolist() == [21]
    traffic.close()


def test_the_last_few_selections_are_kept() -> None:
    """The one that nobody has asked for the longest makes room."""
    selections = Recorder().selections
    first = selections.get("first")
    assert selections.get("first") is first
    for number in range(4):
        selections.get(number)
    assert selections.get("first") is not first


@pytest.mark.parametrize("threads", [4])
def test_no_event_is_missed_while_threads_write(threads: int) -> None:
    """Looked at all the while, the selection ends with every event, each once and in order."""
    recorder = Recorder()
    board = Board([Point(f"p{number}", ("peer",)) for number in range(threads)])
    board.tracer = recorder
    for number in range(threads):
        board.attach(f"p{number % 2}", lambda _peer: None, name=f"h{number}")
    fires = [board.plan(f"p{number % 2}").fire for number in range(threads)]
    selection = recorder.selections.get()

    def write(number: int) -> None:
        for _ in range(5000):
            fires[number](number, None)

    running = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    seen = 0
    while any(thread.is_alive() for thread in running):
        matching = selection.window(0, 50).matching
        assert matching >= seen
        seen = matching
    for thread in running:
        thread.join()
    window = selection.window(0, threads * 5000)
    assert window.matching == recorder.events == threads * 5000
    assert (window.rows.dispatches["id"] == np.arange(1, threads * 5000 + 1)).all()
