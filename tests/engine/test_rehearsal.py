"""Code that is only tried does not reach what is live."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import OnlyTried
from workbench.engine.points import Point
from workbench.engine.rehearsal import refuse, rehearsal, rehearsing


def alpha(_message: Any) -> None:
    """Do nothing."""


def test_what_runs_inside_knows_that_it_is_tried() -> None:
    """So do the tasks that it starts; outside everything is meant."""

    async def scene() -> list[bool]:
        with rehearsal():
            task = asyncio.create_task(asyncio.to_thread(rehearsing))
            inside = rehearsing()
        return [inside, await task, rehearsing()]

    assert asyncio.run(scene()) == [True, True, False]


def test_what_only_the_live_bench_can_do_is_refused() -> None:
    """With what it was and what to do; outside nothing is refused."""
    refuse("A call")
    with rehearsal(), pytest.raises(OnlyTried, match=r'A call is not done .* effects="outside"'):
        refuse("A call")


def test_a_draft_cannot_edit_the_board() -> None:
    """Neither by an edit nor by undoing one."""
    board = Board([Point("message", ("message",))])
    board.attach("message", alpha)

    with rehearsal():
        with pytest.raises(OnlyTried):
            board.remove("alpha")
        with pytest.raises(OnlyTried):
            board.undo()
    assert [hook.name for hook in board.state.hooks()] == ["alpha"]
    board.undo()
    with rehearsal(), pytest.raises(OnlyTried):
        board.redo()

    assert board.can_redo
