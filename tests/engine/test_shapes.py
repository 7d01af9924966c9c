"""Corners of gather, spawn and onion."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import NoLoop
from workbench.engine.hooks import Scope
from workbench.engine.points import IGNORE, Destroyed, Failure, Point, Policy, Shape
from workbench.trace.recorder import Recorder


def a_board(shape: Shape, failure: Failure = "propagate", *, traced: bool = False) -> Board:
    """Make a board with one point."""
    board = Board([Point("p", ("context", "next"), Policy(shape, IGNORE, failure))])
    board.tracer = Recorder() if traced else None
    return board


def later(log: list[str], name: str) -> Callable[..., Any]:
    """Make a plain function that returns a coroutine."""

    async def rest() -> None:
        await asyncio.sleep(0)
        log.append(name)

    return lambda *_: rest()


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("shape", ["gather", "spawn"])
def test_plain_functions_may_return_awaitables(shape: Shape, traced: bool) -> None:
    """Their awaitables run in tasks of their own; later hooks are called at once."""
    log: list[str] = []
    board = a_board(shape, traced=traced)
    board.attach("p", later(log, "first"), name="first")
    board.attach("p", lambda *_: log.append("second"), name="second")

    async def main() -> None:
        answer = board.plan("p").fire(1, 2, 3)
        if shape == "gather":
            await answer
        await board.drain()

    asyncio.run(main())
    assert log == ["second", "first"]
    with pytest.raises(NoLoop, match="first"):
        board.plan("p").fire(1, 2, 3)


def test_the_first_failure_of_a_gather_is_handed_to_the_host() -> None:
    """Under destroy, the answer names the error and its hook, of a plain function and of an async one."""

    async def rejects(*_: object) -> None:
        raise ValueError("rejected")

    def raises(*_: object) -> None:
        raise ValueError("raised")

    async def fire(function: Callable[..., Any]) -> Any:
        board = a_board("gather", "destroy")
        board.attach("p", function)
        answer = board.plan("p").fire(1, 2, 3)
        return await answer if asyncio.iscoroutine(answer) else answer

    for function in (rejects, raises):
        answer = asyncio.run(fire(function))
        assert isinstance(answer, Destroyed)
        assert answer.hook.function is function


def test_a_cancelled_host_leaves_the_hooks_of_a_gather_running() -> None:
    """Whoever waits may go; the tasks are held until they are done."""
    log: list[str] = []

    async def main() -> None:
        board = a_board("gather", traced=True)
        board.attach("p", later(log, "done"))
        task = asyncio.ensure_future(board.plan("p").fire(1, 2, 3))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await board.drain()

    asyncio.run(main())
    assert log == ["done"]


@pytest.mark.parametrize("traced", [False, True])
def test_an_error_hook_that_gives_a_value_swallows_the_error(traced: bool) -> None:
    """The value goes outward in its place, and outer layers run as on success."""
    board = a_board("onion", traced=traced)
    board.attach("p", lambda context: context["error"].args[0], name="rescue", kind="error")
    board.attach("p", lambda _context, _next: 1, name="shadow", kind="around", scope=Scope(shadow=True))

    def core(_context: Any) -> Any:
        raise ValueError("lost")

    assert board.plan("p").fire(1, {}, core) == "lost"


def test_failures_of_an_onion_follow_the_policy() -> None:
    """Contained, they are reported; under destroy, the host gets them."""
    seen: list[str] = []

    def bad(_context: object) -> None:
        raise ValueError("bad")

    for failure in ("contain", "destroy"):
        board = a_board("onion", failure)
        board.report = lambda error, _hook, _connection: seen.append(str(error))
        board.attach("p", bad, kind="before")
        answer = board.plan("p").fire(1, {}, lambda _context: 1)
        assert answer is None or isinstance(answer, Destroyed)
    assert seen == ["bad"]
    assert a_board("onion").plan("p").fire(1, {}, lambda _context: 1) == 1


@pytest.mark.parametrize("traced", [False, True])
def test_an_interrupt_goes_through_every_policy(traced: bool) -> None:
    """KeyboardInterrupt is nobody's error to contain, and the thread is left clean."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    for shape in ("fold", "gather", "spawn"):
        board = a_board(shape, "contain", traced=traced)
        board.attach("p", interrupted)
        with pytest.raises(KeyboardInterrupt):
            board.plan("p").fire(1, 2, 3)
        tracer: Any = board.tracer
        assert tracer is None or tracer.current() is None
