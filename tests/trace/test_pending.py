"""What runs on the fast road at this moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.engine.tracing import Slot
from workbench.trace.pending import fast_calls
from workbench.trace.recorder import OUTCOMES, Recorder


@pytest.fixture
def traced() -> Board:
    """Make a traced board with one point."""
    board = Board([Point("p", ("peer", "message"))])
    board.tracer = Recorder()
    return board


def recorder_of(board: Board) -> Any:
    """Give the board's recorder."""
    return board.tracer


@pytest.fixture
def stuck(traced: Board) -> Iterator[Callable[..., None]]:
    """Make a hook that keeps the thread of another dispatch inside it until the test is over."""
    go_on = threading.Event()
    threads = []

    def fire(connection: int) -> None:
        inside = threading.Event()

        def stay(_peer: object, _message: object) -> None:
            inside.set()
            assert go_on.wait(10)

        traced.attach("p", stay, name="stay")
        thread = threading.Thread(target=lambda: traced.plan("p").fire(connection, 2, 3))
        threads.append(thread)
        thread.start()
        assert inside.wait(10)

    yield fire
    go_on.set()
    for thread in threads:
        thread.join()


def test_the_calls_before_the_running_one_are_there_with_their_ends(
    traced: Board, stuck: Callable[..., None]
) -> None:
    """Another thread's dispatch is pending; what its first hooks did can be seen already."""
    recorder = recorder_of(traced)
    traced.attach("p", lambda *_: recorder.touch(), name="changes")
    traced.attach("p", lambda *_: None, name="looks")
    stuck(5)

    rows = recorder.rows()

    assert rows.dispatches[["connection", "end", "hooks"]].tolist() == [(5, 0, 3)]
    assert [OUTCOMES[number] for number in rows.calls["outcome"]] == ["changed", "ok", "pending"]
    assert (rows.calls["end"][:2] == rows.calls["start"][1:]).all()
    assert rows.calls["end"][2] == 0
    assert len(recorder.tail(5).dispatches) == len(recorder.pending()) == 1


def test_a_hook_that_asks_sees_its_own_dispatch(traced: Board) -> None:
    """Also from a dispatch inside it: both are pending, the inner one on the general road."""
    recorder = recorder_of(traced)
    seen: list[Any] = []

    def outer(peer: int, _message: int) -> None:
        if peer:
            traced.plan("p").fire(1, 0, 0)
        else:
            seen.extend(sorted(one.dispatch for one in recorder.pending()))

    traced.attach("p", outer)
    traced.plan("p").fire(1, 1, 1)

    assert seen == [1, 2]


def test_a_dispatch_that_ended_meanwhile_is_not_pending() -> None:
    """Between the look at the slot and the look at the frame a dispatch may end; its record says all."""
    slot = Slot()
    slot.dispatch = 7
    this = threading.current_thread()
    gone: Any = lambda: None  # noqa: E731 - stands for a weak reference to a thread that is no more

    assert list(fast_calls([(lambda: this, slot), (gone, slot)])) == []  # type: ignore[list-item]


def test_a_dispatch_without_a_stamp_has_not_begun(traced: Board) -> None:
    """It has its id, and nothing else to show."""
    recorder = recorder_of(traced)
    seen: list[Any] = []
    clock = recorder.clock

    def clock_that_asks() -> Any:
        if recorder.slots.slot.dispatch:
            recorder.clock = clock
            seen.append(recorder.pending())
        return clock()

    recorder.clock = clock_that_asks
    traced.attach("p", lambda *_: None, name="looks")
    traced.plan("p").fire(1, 2, 3)

    assert seen[0] == []
