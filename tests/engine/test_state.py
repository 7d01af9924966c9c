"""The board at one revision: effective chains, and who is meant."""

from __future__ import annotations

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import UnknownHook
from workbench.engine.points import Point


def a_board() -> Board:
    """Make a board with hooks in three lanes."""
    board = Board([Point("p", ("a",))])
    for lane in ("x", "y", "x", "z"):
        board.attach("p", lambda _a: None, name=f"{lane}{len(board.journal)}", lane=lane)
    return board


def test_a_plan_of_some_lanes_has_them_in_the_order_asked_for() -> None:
    """Directus R6, R7: one frozen chain of the events that an emit names."""
    board = a_board()

    assert [hook.name for hook in board.plan("p", lanes=("y", "x")).hooks] == ["y1", "x0", "x2"]
    assert board.plan("p", lanes=("y", "x")) is board.plan("p", lanes=("y", "x"))


def test_a_hook_that_is_gone_is_named_by_its_id() -> None:
    """A Hook that somebody kept says nothing any more; the message has the id that it had."""
    board = a_board()
    hook = board.resolve("y1")
    board.remove(hook)

    with pytest.raises(UnknownHook, match="no hook 'h2' at p"):
        board.resolve(hook, "p")
