"""Dispatches of onions: whose turn it is, also where parts of one event run on their own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from workbench.engine.awaiting import must_await
from workbench.engine.board import Board
from workbench.engine.onion import OnionRules
from workbench.engine.points import Point, Policy
from workbench.trace.failures import call_of
from workbench.trace.recorder import OUTCOMES, Recorder

Next = Callable[[], Awaitable[Any]]
PAUSE = 0.02


class Tasked(OnionRules):
    """Rules of an onion that is fired in a task."""

    in_task = True


@pytest.fixture(params=[True, False], ids=["in a task", "wherever"])
def board(request: pytest.FixtureRequest) -> Board:
    """Make a traced board with one onion."""
    board = Board(
        [Point("p", ("context", "next"), Policy("onion"), onion=Tasked() if request.param else None)]
    )
    board.tracer = Recorder()
    return board


def recorder_of(board: Board) -> Any:
    """Give the board's recorder."""
    return board.tracer


def outcomes(board: Board) -> list[str]:
    """Give the outcomes of all calls."""
    return [OUTCOMES[number] for number in recorder_of(board).rows().calls["outcome"]]


async def fire(board: Board, core: Callable[[Any], Any] = lambda _context: 1) -> Any:
    """Run one event."""
    answer = board.plan("p").fire(1, {}, core)
    return await answer if must_await(answer) else answer


async def inwards(_context: Any, following: Next) -> None:
    """Go inwards."""
    await following()


async def pauses(_context: Any) -> None:
    """Wait for a moment."""
    await asyncio.sleep(PAUSE)


def test_one_turn_ends_where_the_next_one_begins(board: Board) -> None:
    """A hook around others rests while they work: its wait is no less than their time."""
    board.attach("p", inwards, kind="around")
    board.attach("p", lambda _context: None, name="before", kind="before")
    board.attach("p", lambda _context: None, name="after", kind="after")
    board.attach("p", lambda _context: None, name="error", kind="error")
    asyncio.run(fire(board))

    around, before, after, error = recorder_of(board).rows().calls[["start", "end", "wait"]].tolist()
    assert around[0] < before[0] < before[1] < after[0] < after[1] < around[1]
    assert around[2] >= after[1] - before[0]
    assert (before[2], after[2]) == (0, 0)
    assert error[0] == error[1]
    assert outcomes(board) == ["ok", "ok", "ok", "skipped"]


def test_a_change_is_the_doing_of_whoever_has_the_turn(board: Board) -> None:
    """Also of a hook around others that has it a second time, and of what a hook gives back."""
    recorder = recorder_of(board)

    async def around(_context: Any, following: Next) -> None:
        await following()
        recorder.touch()

    board.attach("p", around, kind="around")
    board.attach("p", lambda _context: None, name="looks", kind="before")
    board.attach("p", lambda _context: recorder.touch(), name="changes", kind="after")
    asyncio.run(fire(board, lambda _context: recorder.touch()))

    assert outcomes(board) == ["changed", "ok", "changed"]


def test_what_has_not_ended_is_seen_as_far_as_it_has_come(board: Board) -> None:
    """Hooks that are through have their ends; those that wait, and those around them, are pending."""
    seen: list[list[Any]] = []

    async def main() -> None:
        board.attach("p", inwards, name="outer", kind="around")
        board.attach("p", lambda _context: None, name="before", kind="before")
        board.attach("p", pauses, kind="before")
        board.attach("p", lambda _context: None, name="after", kind="after")
        going = asyncio.create_task(fire(board))
        await asyncio.sleep(PAUSE / 4)
        calls = recorder_of(board).rows().calls
        seen.append([(int(call["position"]), OUTCOMES[call["outcome"]], bool(call["end"])) for call in calls])
        await going

    asyncio.run(main())
    assert seen == [[(0, "pending", False), (1, "ok", True), (2, "pending", False)]]
    assert outcomes(board) == ["ok"] * 4


def test_waiting_is_told_from_working_inside_of_a_hook_too(board: Board) -> None:
    """A pause counts as the wait of the hook that makes it, and of those around it."""
    board.attach("p", inwards, kind="around")
    board.attach("p", pauses, kind="before")
    board.attach("p", lambda _context: None, name="after", kind="after")
    asyncio.run(fire(board))

    waits = recorder_of(board).rows().calls["wait"].tolist()
    assert min(waits[:2]) > PAUSE * 0.5e9
    assert waits[2] == 0


async def with_a_limit(_context: Any, following: Next) -> None:
    """Go inwards with a limit of time."""
    await asyncio.wait_for(following(), 5)


async def beside(_context: Any, following: Next) -> None:
    """Go inwards while something else goes on."""
    await asyncio.gather(following(), asyncio.sleep(PAUSE))


def in_a_task(_context: Any, following: Next) -> Any:
    """Let a plain function have the rest awaited by another task."""
    return asyncio.ensure_future(following())


@pytest.mark.parametrize("around", [with_a_limit, beside, in_a_task])
def test_a_part_that_runs_in_another_task_is_recorded_like_the_rest(board: Board, around: Any) -> None:
    """It takes its turns there, and leaves the thread to others when it waits."""
    recorder = recorder_of(board)
    current: list[Any] = []

    async def inner(_context: Any) -> None:
        current.append(recorder.current_call())
        await asyncio.sleep(0)
        current.append(recorder.current_call())

    async def main() -> None:
        board.attach("p", around, kind="around")
        board.attach("p", inner, kind="before")
        board.attach("p", pauses, kind="after")
        going = asyncio.create_task(fire(board))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        current.append(recorder.current_call())
        await going
        current.append(recorder.current_call())

    asyncio.run(main())
    assert sorted(current, key=str) == [(1, 1), (1, 1), None, None]
    assert outcomes(board) == ["ok"] * 3
    start, end = recorder.rows().calls[["start", "end"]].tolist()[0]
    assert end - start > PAUSE * 0.5e9


def test_a_task_that_a_hook_begins_belongs_to_that_hook(board: Board) -> None:
    """What it changes is the hook's doing, though other hooks have had their turns since."""
    recorder = recorder_of(board)

    async def begins(context: dict[str, Any]) -> None:
        async def child() -> None:
            recorder.touch()

        context["child"] = asyncio.ensure_future(child())

    async def waits(context: dict[str, Any]) -> None:
        await context["child"]

    async def main() -> None:
        board.attach("p", begins, kind="before")
        board.attach("p", waits, kind="before")
        await fire(board)

    asyncio.run(main())
    assert outcomes(board) == ["changed", "ok"]


def test_what_is_still_at_work_when_its_event_is_over_was_cancelled(board: Board) -> None:
    """A hook around others may end without what it began."""
    left: list[asyncio.Future[Any]] = []

    async def around(_context: Any, following: Next) -> None:
        left.append(asyncio.ensure_future(following()))
        await asyncio.sleep(0)

    async def main() -> None:
        board.attach("p", around, kind="around")
        board.attach("p", pauses, kind="before")
        await fire(board)
        assert outcomes(board) == ["ok", "cancelled"]
        await left[0]

    asyncio.run(main())
    assert outcomes(board) == ["ok", "cancelled"]


def test_a_hook_that_looks_sees_its_own_event(board: Board) -> None:
    """What is at work is among what is pending, though it has not waited yet; so is what it is inside of."""
    seen: list[list[int]] = []

    def look(context: dict[str, Any]) -> None:
        if context:
            seen.append(sorted(run.dispatch for run in recorder_of(board).pending()))
        else:
            board.plan("p").fire(1, {"inner": True}, lambda _context: 1)

    board.attach("p", look, kind="before")
    asyncio.run(fire(board))
    assert seen == [[1, 2]]


def test_an_event_that_is_held_before_its_first_hook_is_pending(board: Board) -> None:
    """It is on record from the moment that it begins; dropped there, it was cancelled."""
    recorder = recorder_of(board)
    seen: list[int] = []

    class Holding:
        def intercept(self, *_: Any) -> Any:
            return self

        def enter(self, _connection: int, args: tuple[Any, ...], begin: Callable[[Any], Any]) -> Any:
            entry = begin(args)
            seen.append(len(recorder.pending()))
            return entry.go(args) if args[0] is None else None

        def call(self, _position: int, _connection: int, call: Callable[..., Any], *args: Any) -> Any:
            return call(*args)

    board.attach("p", lambda _context: None, name="look", kind="before")
    board.interceptor = Holding()
    asyncio.run(fire(board))
    assert seen == [1]
    assert recorder.pending() == []
    assert recorder.rows().dispatches["outcome"].tolist() == [OUTCOMES.index("cancelled")]


def test_between_two_turns_nobody_is_at_work() -> None:
    """What the rules do then belongs to the event and to none of its hooks, as the core's work does."""
    recorder = Recorder()
    seen: list[Any] = []

    class Asking(OnionRules):
        def caught(self, context: Any, error: Exception) -> None:  # noqa: ARG002
            seen.append(recorder.current_call())

        def answered(self, context: Any) -> tuple[bool, Any]:  # noqa: ARG002
            seen.append(recorder.current_call())
            return False, None

    board = Board([Point("p", ("context", "next"), Policy("onion"), onion=Asking())])
    board.tracer = recorder
    board.attach("p", lambda _context: "rescued", name="rescues", kind="error")
    assert board.plan("p").fire(1, {}, lambda _context: 1 / 0) == "rescued"
    assert seen == [(1, -1), (1, -1)]


def told(board: Board) -> list[tuple[int, str, str, bool]]:
    """Give what is kept of the errors: position, text, the last line of the traceback, whether passed on."""
    return [
        (one.position, one.text, one.traceback.rstrip().rpartition("\n")[2], one.passed)
        for one in recorder_of(board).errors
    ]


def test_an_error_is_told_in_full_where_it_was_raised_alone(board: Board) -> None:
    """Those around it passed it on, also where they caught it; it keeps the mark of whoever raised it."""
    error = ValueError("bad")

    def raises(_context: Any) -> None:
        raise error

    async def lets_go(_context: Any, following: Next) -> None:
        try:
            await following()
        except ValueError as caught:
            caught.add_note("seen")
            raise

    board.attach("p", lets_go, kind="around")
    board.attach("p", inwards, kind="around")
    board.attach("p", raises, kind="before")
    with pytest.raises(ValueError, match="bad"):
        asyncio.run(fire(board))

    assert told(board) == [
        (2, "ValueError: bad", "ValueError: bad", False),
        (1, "ValueError: bad", "", True),
        (0, "ValueError: bad", "", True),
    ]
    assert call_of(error) == (1, "raises")
    assert outcomes(board) == ["raised"] * 3


def test_another_error_in_its_place_is_told_in_full_too(board: Board) -> None:
    """It was raised where it took the place; and what the innermost function raises is passed on by all."""

    async def turns(_context: Any, following: Next) -> None:
        try:
            await following()
        except ZeroDivisionError as error:
            raise ValueError("no") from error

    board.attach("p", turns, kind="around")
    board.attach("p", inwards, kind="around")
    with pytest.raises(ValueError, match="no"):
        asyncio.run(fire(board, lambda _context: 1 / 0))

    by_zero = "ZeroDivisionError: division by zero"
    assert told(board) == [
        (-1, by_zero, by_zero, False),
        (1, by_zero, "", True),
        (0, "ValueError: no", "ValueError: no", False),
    ]


def test_a_dispatch_that_has_ended_does_not_end_again(board: Board) -> None:
    """Whoever ends it late, as one that steps in may, changes nothing."""
    board.attach("p", inwards, kind="around")
    recorder = recorder_of(board)
    run = recorder.probe(board.plan("p")).turning([0, 0])(1, ({}, None))
    run.finish(ValueError("first"))
    run.finish()

    assert recorder.events == 1
    assert [OUTCOMES[number] for number in recorder.rows().dispatches["outcome"]] == ["raised"]


def test_more_hooks_than_a_word_has_bits_are_told_apart(board: Board) -> None:
    """Which of them changed something is known of the seventieth too."""
    recorder = recorder_of(board)
    for number in range(69):
        board.attach("p", lambda _context: None, name=f"h{number}", kind="before")
    board.attach("p", lambda _context: recorder.touch(), name="last", kind="before")
    asyncio.run(fire(board))

    assert outcomes(board) == [*["ok"] * 69, "changed"]


def test_what_went_as_the_plan_says_and_what_did_not_are_read_alike(board: Board) -> None:
    """Events of one plan are written in two forms, and come in the order in which they began."""
    recorder = recorder_of(board)
    board.attach("p", inwards, kind="around")
    by = [1, 0, 2]
    board.attach("p", lambda _context: 1 // by.pop(0) and None, name="divides", kind="before")
    for _ in range(3):
        with contextlib.suppress(ZeroDivisionError):
            asyncio.run(fire(board))

    rows = recorder.rows()
    assert rows.dispatches["id"].tolist() == [1, 2, 3]
    assert [OUTCOMES[number] for number in rows.dispatches["outcome"]] == ["ok", "raised", "ok"]
    assert rows.dispatches["connection"].tolist() == [1, 1, 1]
    assert (rows.dispatches["start"] <= rows.calls["start"][::2]).all()
    assert (rows.dispatches["end"] >= rows.calls["end"][::2]).all()
    assert recorder.totals.points["p"].outcomes.sum() == 3
    assert recorder.tail(2).dispatches["id"].tolist() == [2, 3]
