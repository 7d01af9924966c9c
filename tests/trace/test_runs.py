"""Which dispatches belong together: inside one another, or one after the other in a story."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.points import REPLACE, Point, Policy
from workbench.engine.tracing import told_in
from workbench.trace.outcomes import OUTCOMES
from workbench.trace.recorder import Recorder
from workbench.trace.snapshots import Snapshots


@dataclass
class Request:
    """Something that lasts longer than one dispatch."""

    root: int = 0


@pytest.fixture
def board() -> Board:
    """Make a traced board with two points."""
    board = Board([Point("first", ("n",)), Point("second", ("n",), Policy("gather", failure="destroy"))])
    board.tracer = Recorder()
    return board


def recorder_of(board: Board) -> Any:
    """Give the board's recorder."""
    return board.tracer


def parents(board: Board) -> list[int]:
    """Give the parents of all dispatches, in the order of their ids."""
    return recorder_of(board).rows().dispatches["parent"].tolist()  # type: ignore[no-any-return]


def tell(board: Board, story: Request | None, *points: str) -> None:
    """Fire points within a story."""
    slot = recorder_of(board).slots.slot
    for point in points:
        slot.story = story
        try:
            board.plan(point).fire(1, 0)
        finally:
            slot.story = None


def test_the_first_dispatch_of_a_story_is_the_parent_of_the_later_ones(board: Board) -> None:
    """Plain dispatches of one story point at its first; those of another story, and of none, do not."""
    board.attach("first", lambda _n: None)
    board.attach("second", lambda _n: None)
    one, other = Request(), Request()
    tell(board, one, "first", "second")
    tell(board, other, "first", "second")
    tell(board, None, "first")
    tell(board, one, "second")
    assert parents(board) == [-1, 1, -1, 3, -1, 1]
    assert (one.root, other.root) == (1, 3)


def test_errors_belong_to_their_story_too(board: Board) -> None:
    """A dispatch that raises on the fast road has the parent of its story."""

    def fail(_n: int) -> None:
        raise ValueError

    board.attach("first", lambda _n: None)
    board.attach("second", fail)
    tell(board, Request(), "first", "second")
    assert parents(board) == [-1, 1]


def test_what_is_awaited_belongs_to_its_story_too(board: Board) -> None:
    """Dispatches that are handed over to the general road, or begin there, have the parent of their story."""

    async def wait(_n: int) -> None:
        await asyncio.sleep(0)

    async def main() -> None:
        slot = recorder_of(board).slots.slot
        story = Request()
        pending = []
        for _ in range(2):
            slot.story = story
            pending.append(board.plan("second").fire(1, 0))
            slot.story = None
        for one in pending:
            await one

    def hand_over(n: int) -> Any:
        return wait(n)

    board.attach("second", hand_over)
    asyncio.run(main())
    board.attach("second", wait)
    asyncio.run(main())
    assert parents(board) == [-1, 1, -1, 3]


def test_a_hook_is_nearer_than_the_story(board: Board) -> None:
    """A dispatch inside a hook has the hook's dispatch as parent, and leaves the root alone."""
    story = Request()
    board.attach("first", lambda _n: board.plan("second").fire(1, 0), name="fires")
    board.attach("second", lambda _n: None)
    tell(board, story, "second", "first")
    assert parents(board) == [-1, 1, 2]


def test_a_hook_that_looks_sees_the_parent_of_its_own_dispatch(board: Board) -> None:
    """What runs on the fast road now is shown with the root of its story."""
    seen: list[Any] = []
    board.attach("first", lambda _n: None)
    board.attach("second", lambda _n: seen.append(parents(board)), name="look")
    tell(board, Request(), "first", "second")
    assert seen == [[-1, 1]]


def test_the_root_has_no_parent() -> None:
    """The root of a story is told apart from its later dispatches, also when asked twice."""
    story = Request()
    assert told_in(None, 4) == -1
    assert told_in(story, 4) == -1
    assert told_in(story, 4) == -1
    assert told_in(story, 5) == 4


def _outcomes(recorder: Recorder) -> list[str]:
    """Give the outcomes of all calls, dispatch after dispatch."""
    calls = recorder.rows().calls
    order = sorted(zip(calls["dispatch"], calls["position"], calls["outcome"], strict=True))
    return [OUTCOMES[outcome] for _, _, outcome in order]


def _same(text: str) -> str:
    return text


def _strip(text: str) -> str:
    return text.strip()


async def _later(text: str) -> str:
    await asyncio.sleep(0)
    return text.strip()


@pytest.mark.parametrize("limit", [None, 9])
def test_a_result_that_replaces_the_payload_is_a_change(limit: int | None) -> None:
    """On the fast road and on the general one, at once or awaited; what is returned as it came is none."""
    board = Board([Point("filter", ("text",), Policy("fold", REPLACE), snapshot=lambda text: {"text": text})])
    board.tracer = recorder = Recorder()
    recorder.snapshots = None if limit is None else Snapshots(rate=limit)
    for function in (_same, _later, _strip):
        board.attach("filter", function)

    async def fire(text: str) -> Any:
        return await board.plan("filter").fire(1, text)

    assert asyncio.run(fire(" a ")) == "a"
    board.remove(board.chain("filter")[1].hook.id)
    assert board.plan("filter").fire(1, " b ") == "b"
    assert board.plan("filter").fire(1, "c") == "c"
    assert _outcomes(recorder) == [
        *("ok", "changed", "ok"),
        *("ok", "changed"),
        *("ok", "ok"),
    ]
    whole = recorder.rows().dispatches
    assert [OUTCOMES[one] for _, one in sorted(zip(whole["id"], whole["outcome"], strict=True))] == [
        "changed",
        "changed",
        "ok",
    ]


def test_what_a_snapshot_sees_is_a_change_too() -> None:
    """A payload changed in its depth, where nothing else tells; what an onion's core does is no hook's."""

    def deep(payload: dict[str, list[int]]) -> dict[str, list[int]]:
        payload["numbers"].append(1)
        return payload

    async def around(_context: dict[str, int], next: Any) -> None:  # noqa: A002 - Feathers' name for it
        await next()

    def core(context: dict[str, int]) -> None:
        context["result"] = 1

    def parts(payload: Any, _core: Any = None) -> dict[str, object]:
        return {"payload": payload}

    replacing, onion = Policy("fold", REPLACE), Policy("onion")
    board = Board(
        [
            Point("filter", ("payload",), replacing, snapshot=parts),
            Point("call", ("context", "next"), onion, snapshot=parts),
        ]
    )
    board.tracer = recorder = Recorder()
    recorder.snapshots = Snapshots()
    board.attach("filter", deep)
    board.attach("filter", _same)
    board.attach("call", around)
    board.plan("filter").fire(1, {"numbers": []})

    async def call() -> None:
        await board.plan("call").fire(1, {}, core)

    asyncio.run(call())
    assert _outcomes(recorder) == ["changed", "ok", "ok"]
