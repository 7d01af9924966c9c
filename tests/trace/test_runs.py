"""Which dispatches belong together: inside one another, or one after the other in a story."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.points import Point, Policy
from workbench.engine.tracing import told_in
from workbench.trace.recorder import Recorder


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
