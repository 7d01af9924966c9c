"""Onions: layers, their rules, and what an error does on its way outward."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import EventDropped
from workbench.engine.hooks import Scope
from workbench.engine.onion import OnionRules
from workbench.engine.points import Destroyed, Failure, Point, Policy
from workbench.trace.recorder import OUTCOMES, Recorder


def a_board(failure: Failure = "propagate", *, traced: bool = False, **options: Any) -> Board:
    """Make a board with one onion."""
    board = Board([Point("p", ("context", "next"), Policy("onion", failure=failure), **options)])
    board.tracer = Recorder() if traced else None
    return board


@pytest.mark.parametrize("traced", [False, True])
def test_an_error_hook_that_gives_a_value_swallows_the_error(traced: bool) -> None:
    """The value goes outward in its place, and outer layers run as on success."""
    board = a_board(traced=traced)
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

    failures: tuple[Failure, ...] = ("contain", "destroy")
    for failure in failures:
        board = a_board(failure)
        board.report = lambda error, _hook, _connection: seen.append(str(error))
        board.attach("p", bad, kind="before")
        answer = board.plan("p").fire(1, {}, lambda _context: 1)
        assert isinstance(answer, Destroyed) == (failure == "destroy")
    assert seen == ["bad"]
    assert a_board().plan("p").fire(1, {}, lambda _context: 1) == 1


def test_the_error_is_a_member_of_the_context_where_it_can_be() -> None:
    """A mapping gets the item, an object the attribute; what takes neither goes without."""
    seen: list[Any] = []

    def core(_context: Any) -> Any:
        raise ValueError("lost")

    board = a_board()
    board.attach("p", seen.append, name="look", kind="error")
    contexts: list[Any] = [{}, SimpleNamespace(), 3]
    for context in contexts:
        with pytest.raises(ValueError, match="lost"):
            board.plan("p").fire(1, context, core)

    assert [str(seen[0]["error"]), str(seen[1].error), seen[2]] == ["lost", "lost", 3]


class _Rules(OnionRules):
    """A dialect's rules."""

    def answered(self, context: Any) -> tuple[bool, Any]:
        """Skip the core where there is a result."""
        return "result" in context, context.get("result")

    def error(self, context: Any, error: Exception) -> Exception:  # noqa: ARG002
        """Give another error."""
        return LookupError(str(error))


def test_a_dialect_may_give_another_error_and_skip_the_core() -> None:
    """Feathers R13 and R29, also at a point without hooks."""

    def core(_context: Any) -> Any:
        raise ValueError("lost")

    board = a_board(onion=_Rules())
    assert board.plan("p").fire(1, {"result": 5}, core) == 5
    board.attach("p", lambda _context: None, name="look", kind="error")
    assert board.plan("p").fire(1, {"result": 5}, core) == 5
    with pytest.raises(LookupError, match="lost") as caught:
        board.plan("p").fire(1, {}, core)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("traced", [False, True])
def test_a_shadow_that_raises_disturbs_nobody(traced: bool) -> None:
    """Its error is recorded and goes no further."""
    board = a_board(traced=traced)
    board.attach("p", lambda _context: 1 / 0, name="shadow", kind="before", scope=Scope(shadow=True))

    assert board.plan("p").fire(1, {}, lambda _context: 4) == 4
    assert not traced or outcomes(board) == ["raised"]


@pytest.mark.parametrize("traced", [False, True])
def test_a_shadow_may_wait_and_what_comes_of_it_is_nobodys_concern(traced: bool) -> None:
    """Its value and its error go nowhere; only a dropped event ends what it shadows."""

    async def waits(context: dict[str, Any]) -> str:
        await asyncio.sleep(0)
        if "error" in context:
            raise context["error"]
        return "of the shadow"

    async def main() -> list[Any]:
        board = a_board(traced=traced)
        board.attach("p", waits, kind="after", scope=Scope(shadow=True))
        fire = board.plan("p").fire
        with pytest.raises(EventDropped):
            await fire(1, {"error": EventDropped("gone")}, lambda _context: 4)
        return [await fire(1, context, lambda _context: 4) for context in ({}, {"error": ValueError("bad")})]

    assert asyncio.run(main()) == [4, 4]


def test_a_shadow_around_the_rest_may_await_next() -> None:
    """It is nothing, at once: the shadow runs to its end, and what it seems to be around runs once."""
    seen: list[Any] = []

    async def around(_context: Any, onward: Any) -> str:
        seen.append(await onward())
        seen.append(await asyncio.wait_for(onward(), 5))
        return "of the shadow"

    def core(_context: Any) -> int:
        seen.append("core")
        return 4

    async def main() -> Any:
        board = a_board(traced=True)
        board.attach("p", around, kind="around", scope=Scope(shadow=True))
        return await board.plan("p").fire(1, {}, core), outcomes(board)

    assert asyncio.run(main()) == (4, ["ok"])
    assert seen == [None, None, "core"]


def outcomes(board: Board) -> list[str]:
    """Give the outcomes of all calls."""
    recorder: Any = board.tracer
    return [OUTCOMES[number] for number in recorder.rows().calls["outcome"]]


def test_an_around_hook_that_does_not_go_inwards_stops_the_event() -> None:
    """What it returns is the answer; the layers inside are skipped."""
    board = a_board(traced=True)
    board.attach("p", lambda _context, _following: "short", name="guard", kind="around")
    board.attach("p", lambda _context: None, name="inside", kind="before")

    assert board.plan("p").fire(1, {}, lambda _context: "long") == "short"
    assert outcomes(board) == ["stopped", "skipped"]


def test_whoever_closes_an_onion_closes_its_layers() -> None:
    """Hooks that wait see their GeneratorExit, and the trace says cancelled."""
    log: list[str] = []

    async def waits(_context: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            log.append("closed")

    async def main() -> None:
        board = a_board(traced=True)
        board.attach("p", waits, kind="before")
        going = board.plan("p").fire(1, {}, lambda _context: 1)
        going.send(None)
        going.close()
        assert outcomes(board) == ["cancelled"]

    asyncio.run(main())
    assert log == ["closed"]


@pytest.mark.parametrize("traced", [False, True])
def test_an_after_hook_may_give_the_value_and_layers_may_wait(traced: bool) -> None:
    """What the last after hook returned is the answer; an async def around goes inwards by await."""

    async def around(_context: Any, following: Callable[[], Any]) -> Any:
        return f"({await following()})"

    async def slowly(context: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        context["after"] = True

    def core(_context: Any) -> Any:
        return "core"

    async def main() -> Any:
        board = a_board(traced=traced)
        board.attach("p", around, kind="around")
        board.attach("p", slowly, kind="after")
        board.attach("p", lambda context: f"after {context['after']}", name="gives", kind="after")
        board.attach("p", around, name="inner", kind="around")
        return await board.plan("p").fire(1, {}, core)

    assert asyncio.run(main()) == "(after True)"


def test_an_error_that_is_awaited_reaches_the_error_layer() -> None:
    """A rejection is an error like any other."""

    async def rejects(_context: Any) -> None:
        await asyncio.sleep(0)
        raise ValueError("late")

    async def main() -> Any:
        board = a_board()
        board.attach("p", lambda context: str(context["error"]), name="rescue", kind="error")
        board.attach("p", rejects, kind="before")
        return await board.plan("p").fire(1, {}, lambda _context: 1)

    assert asyncio.run(main()) == "late"


def test_an_around_hook_that_goes_nowhere_is_no_concern_of_an_untraced_plan() -> None:
    """Its value is the answer, recorded or not."""
    board = a_board()
    board.attach("p", lambda _context, _following: "short", name="guard", kind="around")

    assert board.plan("p").fire(1, {}, lambda _context: "long") == "short"


def test_rules_hear_of_an_error_hook_that_raises_and_of_no_shadow() -> None:
    """The second error goes outward; what a shadow does, and that it runs, leaves no mark."""
    told: list[str] = []

    class Rules(OnionRules):
        def put_kind(self, context: Any, kind: Any) -> None:  # noqa: ARG002
            told.append(kind)

        def failed(self, context: Any, error: Exception) -> None:  # noqa: ARG002
            told.append(str(error))

    def bad(_context: object) -> None:
        raise ValueError("second")

    board = a_board(onion=Rules())
    board.attach("p", bad, name="shadow", kind="before", scope=Scope(shadow=True))
    board.attach("p", bad, kind="error")

    with pytest.raises(ValueError, match="second"):
        board.plan("p").fire(1, {}, lambda _context: 1 / 0)
    assert told == ["error", "second"]


class Hasty(OnionRules):
    """Begins coroutines where they are made."""

    in_task = True


@pytest.mark.parametrize("traced", [False, True])
def test_coroutines_begun_by_hand_end_as_if_they_were_awaited(traced: bool) -> None:
    """Those that wait for nothing, those that wait, and those that raise before or after."""
    seen: list[str] = []

    async def around(_context: object, following: Callable[[], Any]) -> None:
        try:
            await following()
        except ValueError as error:
            seen.append(str(error))
            raise

    async def waits(context: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        if context.get("late"):
            raise ValueError("late")

    async def quick(context: dict[str, Any]) -> None:
        if context.get("soon"):
            raise ValueError("soon")

    async def core(context: dict[str, Any]) -> int:
        return len(context)

    async def main() -> list[Any]:
        board = a_board(traced=traced, onion=Hasty())
        board.attach("p", around, kind="around")
        board.attach("p", quick, kind="before")
        answers = [board.plan("p").fire(1, {}, core)]
        board.attach("p", waits, kind="before")
        answers.append(await board.plan("p").fire(1, {"one": 1}, core))
        for when in ("soon", "late"):
            with pytest.raises(ValueError, match=when):
                await board.plan("p").fire(1, {when: True}, core)
        return [answer if isinstance(answer, int) else await answer for answer in answers]

    assert asyncio.run(main()) == [0, 1]
    assert seen == ["soon", "late"]


def test_a_timeout_around_next_ends_what_it_is_around() -> None:
    """What runs inside is begun in the task that awaits it, whichever that is, and its own timeout holds."""
    ended: list[str] = []

    async def around(_context: object, following: Callable[[], Any]) -> None:
        await asyncio.wait_for(following(), 5)

    async def inner(_context: object, following: Callable[[], Any]) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.sleep(5)
        ended.append("inner")
        await following()

    def plain(_context: object, following: Callable[[], Any]) -> Any:
        return asyncio.ensure_future(following())

    async def main() -> None:
        board = a_board(onion=Hasty())
        for hook in (around, plain, inner):
            board.attach("p", hook, kind="around")
        await board.plan("p").fire(1, {}, lambda _context: ended.append("core"))

    asyncio.run(main())
    assert ended == ["inner", "core"]
