"""Folds on the general road: lanes, policies, awaits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.hooks import Scope
from workbench.engine.points import FIRST, IGNORE, REPLACE, UPGRADE, Destroyed, Failure, Point, Policy, Reduce
from workbench.trace.recorder import Recorder


def a_board(reduce: Reduce = IGNORE, failure: Failure = "propagate", *, traced: bool = False) -> Board:
    """Make a board with one fold of more than one argument."""
    board = Board([Point("p", ("first", "second"), Policy("fold", reduce, failure))])
    board.tracer = Recorder() if traced else None
    return board


def giving(value: Any) -> Callable[..., Any]:
    """Make a plain hook that returns a value."""
    return lambda *_: value


def later(value: Any) -> Callable[..., Any]:
    """Make a hook that waits, and then returns a value or raises it."""

    async def hook(*_: object) -> Any:
        await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        return value

    return hook


def fired(board: Board, *args: Any) -> Any:
    """Fire inside a loop."""

    async def main() -> Any:
        value = board.plan("p").fire(7, *args)
        return await value if asyncio.iscoroutine(value) else value

    return asyncio.run(main())


class _Answer:
    status = 401


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("make", [giving, later])
def test_a_response_ends_its_lane_only(make: Callable[[Any], Any], traced: bool) -> None:
    """Later hooks of the lane are skipped, the next lane runs, and its answer wins (crossws R20)."""
    log: list[str] = []
    board = a_board(UPGRADE, traced=traced)
    board.attach("p", make(_Answer()), name="refuses", lane="global")
    board.attach("p", lambda *_: log.append("never"), name="skipped", lane="global")
    board.attach("p", make({"a": 1}), name="takes", lane="resolved")

    assert fired(board, 1, 2) == {"a": 1}
    assert log == []


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("make", [giving, later])
def test_what_feeds_is_handed_on_across_awaits(make: Callable[[Any], Any], traced: bool) -> None:
    """The next hook gets the accumulator in the place of the first argument; a shadow's result is none."""
    board = a_board(REPLACE, "contain", traced=traced)
    board.attach("p", make("new"), name="replaces")
    board.attach("p", make("lost"), name="shadow", scope=Scope(shadow=True))
    board.attach("p", lambda first, second: f"{first} {second}", name="joins")

    assert fired(board, "old", 2) == "new 2"


@pytest.mark.parametrize("traced", [False, True])
def test_the_first_answer_ends_the_fold_before_what_would_have_to_be_awaited(traced: bool) -> None:
    """A hook that returned something to await may be the one that answers; so may one after it."""
    board = a_board(FIRST, traced=traced)
    board.attach("p", later(None), name="asks")
    board.attach("p", later("answer"), name="answers")
    board.attach("p", giving("late"), name="late")

    assert fired(board, 1, 2) == "answer"


def _plainly(error: Exception) -> Callable[..., Any]:
    def hook(*_: object) -> None:
        raise error

    return hook


@pytest.mark.parametrize("make", [_plainly, later])
def test_an_error_means_what_the_policy_says(make: Callable[[Any], Any]) -> None:
    """Propagated it ends the event, contained it is reported, under destroy the host gets it at once."""
    seen: list[str] = []
    ran: list[str] = []
    answers = {}
    failures: tuple[Failure, ...] = ("contain", "destroy")
    for failure in failures:
        board = a_board(IGNORE, failure)
        board.report = lambda error, hook, connection: seen.append(f"{hook.name} {error} {connection}")
        board.attach("p", make(ValueError("unseen")), name="shadow", scope=Scope(shadow=True))
        board.attach("p", make(ValueError("bad")), name="bad")
        board.attach("p", lambda *_: ran.append("after"), name="after")
        answers[failure] = fired(board, 1, 2)

    assert seen == ["bad bad 7"]
    assert ran == ["after"]
    assert answers["contain"] is None
    assert isinstance(answers["destroy"], Destroyed)
    assert answers["destroy"].hook.name == "bad"
    board = a_board()
    board.attach("p", make(ValueError("out")), name="bad", scope=Scope(frozenset({7})))
    with pytest.raises(ValueError, match="out"):
        asyncio.run(_of(board, 7))


async def _of(board: Board, connection: int) -> Any:
    value = board.plan("p", connection).fire(connection, 1, 2)
    return await value if asyncio.iscoroutine(value) else value


def test_a_plain_error_among_awaited_hooks_propagates() -> None:
    """After an await the general road goes on, and a raise there is the event's."""
    board = a_board(IGNORE)
    board.attach("p", later(None), name="waits")
    board.attach("p", _plainly(ValueError("out")), name="bad")

    with pytest.raises(ValueError, match="out"):
        fired(board, 1, 2)
