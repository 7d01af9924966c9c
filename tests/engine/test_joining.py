"""Gather and spawn: what starts, who waits, and what an error does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import NoLoop
from workbench.engine.hooks import Scope
from workbench.engine.points import IGNORE, Destroyed, Failure, Point, Policy, Shape
from workbench.trace.recorder import OUTCOMES, Recorder


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


@pytest.mark.parametrize("shape", ["gather", "spawn"])
def test_a_hook_that_cancels_its_own_task(shape: Shape) -> None:
    """Whoever waits for a gather is cancelled with it; a spawn has nobody who waits."""
    reports: list[BaseException] = []

    async def leaves(*_: object) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    async def main() -> list[str]:
        board = a_board(shape, "contain")
        recorder = board.tracer = Recorder()
        board.report = lambda error, _hook, _connection: reports.append(error)
        board.attach("p", leaves)
        answer = board.plan("p").fire(1, 2, 3)
        if shape == "gather":
            with pytest.raises(asyncio.CancelledError):
                await answer
        await board.drain()
        return [OUTCOMES[number] for number in recorder.rows().calls["outcome"]]

    assert asyncio.run(main()) == ["cancelled"]
    assert reports == []


def test_a_raise_before_the_first_async_hook_of_a_gather_propagates() -> None:
    """It is a raise of a plain function: no later hook starts. A shadow's raise is none."""
    log: list[str] = []

    def raises(*_: object) -> None:
        raise ValueError("early")

    async def waits(*_: object) -> None:
        log.append("started")

    async def main() -> None:
        board = a_board("gather")
        board.attach("p", raises, name="shadow", scope=Scope(shadow=True))
        board.attach("p", raises)
        board.attach("p", waits)
        board.plan("p").fire(1, 2, 3)

    with pytest.raises(ValueError, match="early"):
        asyncio.run(main())
    assert log == []


def test_a_contained_gather_reports_every_rejection_and_answers() -> None:
    """A raise too; plain functions that return awaitables are awaited there."""
    log: list[str] = []

    def raises(*_: object) -> None:
        raise ValueError("raised")

    async def rejects(*_: object) -> None:
        raise ValueError("rejected")

    async def main() -> Any:
        board = a_board("gather", "contain")
        board.report = lambda error, hook, connection: log.append(f"{hook.name} {error} {connection}")
        board.attach("p", raises)
        board.attach("p", later(log, "later"), name="later")
        board.attach("p", rejects)
        return await board.plan("p").fire(7, 2, 3)

    assert asyncio.run(main()) is None
    assert sorted(log) == ["later", "raises raised 7", "rejects rejected 7"]


def test_a_shadow_in_a_spawn_that_raises_keeps_nobody_from_starting() -> None:
    """Its raise is recorded, and goes to nobody."""
    log: list[str] = []

    def raises(*_: object) -> None:
        raise ValueError("unseen")

    async def waits(*_: object) -> None:
        log.append("ran")

    async def main() -> None:
        board = a_board("spawn")
        board.attach("p", raises, scope=Scope(shadow=True))
        board.attach("p", waits)
        board.plan("p").fire(1, 2, 3)
        await board.drain()

    asyncio.run(main())
    assert log == ["ran"]


def test_the_first_failure_of_a_gather_decides_and_later_ones_are_dropped() -> None:
    """Siblings run on; of two rejections the first is raised, and a shadow's is none."""
    log: list[str] = []

    def rejecting(name: str) -> Callable[..., Any]:
        async def rejects(*_: object) -> None:
            await asyncio.sleep(0)
            log.append(name)
            raise ValueError(name)

        return rejects

    async def main() -> None:
        board = a_board("gather")
        board.attach("p", rejecting("shadow"), name="shadow", scope=Scope(shadow=True))
        board.attach("p", rejecting("first"), name="first")
        board.attach("p", rejecting("second"), name="second")
        with pytest.raises(ValueError, match="first"):
            await board.plan("p").fire(1, 2, 3)
        await board.drain()

    asyncio.run(main())
    assert log == ["shadow", "first", "second"]


def test_a_raise_among_the_tasks_of_a_gather_keeps_later_ones_from_starting() -> None:
    """A plain function after an async def is the first step of its own task; what it returns is awaited."""
    log: list[str] = []

    async def waits(*_: object) -> None:
        await asyncio.sleep(0)

    def raises(*_: object) -> None:
        raise ValueError("raised")

    async def main() -> None:
        board = a_board("gather")
        board.attach("p", waits)
        board.attach("p", later(log, "later"), name="later")
        board.attach("p", lambda *_: log.append("plain"), name="plain")
        board.attach("p", raises)
        board.attach("p", lambda *_: log.append("never"), name="never")
        with pytest.raises(ValueError, match="raised"):
            await board.plan("p").fire(1, 2, 3)
        await board.drain()

    asyncio.run(main())
    assert log == ["plain", "later"]
