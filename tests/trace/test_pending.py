"""What runs at this moment: on the fast road, and wherever an event is between its first hook and its end."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from workbench.engine.awaiting import must_await
from workbench.engine.board import Board
from workbench.engine.points import IGNORE, Point, Policy, Reduce, Stop
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


STOPS = Reduce("stops", lambda _, result: Stop(result))
begun: list[int] = []
"""Numbers of the events whose hook has begun."""


def plain(_context: Any, _more: Any) -> None:
    """Return nothing."""
    begun.append(1)


def fails(_context: Any, _more: Any) -> None:
    """Raise."""
    begun.append(1)
    raise ValueError("bad")


def answers(_context: Any, _more: Any) -> str:
    """Return something, which may stop the event."""
    begun.append(1)
    return "enough"


async def waits(_context: Any, _more: Any) -> None:
    """Wait once."""
    begun.append(1)
    await asyncio.sleep(0)


async def waits_and_fails(_context: Any, _more: Any) -> None:
    """Wait once, then raise."""
    begun.append(1)
    await asyncio.sleep(0)
    raise ValueError("bad")


async def around(_context: Any, following: Callable[[], Awaitable[Any]]) -> None:
    """Go inwards and come back."""
    begun.append(1)
    await following()


async def inmost(_context: Any) -> None:
    """Wait once, as the core of an onion."""
    await asyncio.sleep(0)


def missed(board: Board, *args: Any) -> list[str]:
    """Fire one event and look before each operation that follows, from its first hook to its end.

    Returns where it was not found once, as pending or as written.
    """
    recorder: Any = board.tracer
    places: list[str] = []
    looks: list[bool] = []

    def look(frame: FrameType, _event: str, _arg: object) -> Any:
        frame.f_trace_opcodes = True
        mine = recorder._lock.locked() or recorder.store.lock._is_owned()
        if begun and not mine:  # else whoever looks from elsewhere waits
            looks.append(True)
            if recorder.rows().dispatches["id"].tolist().count(1) != 1:
                places.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        return look

    async def fire() -> None:
        answer = board.plan("p").fire(1, *args)
        if must_await(answer):
            await answer
        spawned = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*spawned, return_exceptions=True)

    def run() -> None:
        loop = asyncio.new_event_loop()
        coroutine = fire()
        sys.settrace(look)
        try:
            loop.run_until_complete(coroutine)
        except ValueError:
            pass
        finally:
            sys.settrace(None)
            loop.close()

    begun.clear()
    thread = threading.Thread(target=run)  # the tracing of this one is the tests' own
    thread.start()
    thread.join()
    assert len(looks) > 20
    assert recorder.events == 1
    return places


def parts(context: Any, _more: Any) -> dict[str, object]:
    """Name what is copied."""
    return {"context": context}


def a_board(policy: Policy, *, snapshots: bool = False) -> Board:
    """Make a traced board with one point."""
    board = Board([Point("p", ("context", "more"), policy, snapshot=parts if snapshots else None)])
    board.tracer = Recorder()
    return board


@pytest.mark.parametrize("snapshots", [False, True], ids=["fast", "snapshot"])
@pytest.mark.parametrize("hook", [plain, fails, waits, waits_and_fails])
@pytest.mark.parametrize("shape", ["fold", "gather", "spawn"])
def test_an_event_is_never_in_neither_place(shape: Any, hook: Any, snapshots: bool) -> None:
    """It is pending until it is written, whatever its hook does, however its point runs hooks."""
    board = a_board(Policy(shape, IGNORE), snapshots=snapshots)
    board.attach("p", hook)
    assert missed(board, {}, {}) == []


def test_an_event_that_was_stopped_is_never_in_neither_place() -> None:
    """Its second hook is not reached."""
    board = a_board(Policy("fold", STOPS))
    board.attach("p", answers)
    board.attach("p", plain)
    assert missed(board, {}, {}) == []


@pytest.mark.parametrize("core", [inmost, lambda _context: 1], ids=["waits", "returns"])
def test_an_onion_is_never_in_neither_place(core: Any) -> None:
    """Whether it waits for its core or not."""
    board = a_board(Policy("onion"))
    board.attach("p", around)
    board.attach("p", around, name="second")
    assert missed(board, {}, core) == []
