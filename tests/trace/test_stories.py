"""A story is found from any of its dispatches, however deep."""

from __future__ import annotations

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.trace.recorder import Recorder
from workbench.trace.stories import story_of


def nested(depth: int) -> tuple[Recorder, list[int]]:
    """Fire a point whose hook fires it again, so often; the recorder and the ids, outermost first."""
    board = Board([Point("call", ("n",))])
    recorder = board.tracer = Recorder()

    def call(n: int) -> None:
        if n:
            board.plan("call").fire(-1, n - 1)

    board.attach("call", call)
    board.plan("call").fire(-1, depth)
    board.plan("call").fire(-1, 0)
    return recorder, recorder.rows().dispatches["id"].tolist()


def test_every_dispatch_of_a_story_finds_all_of_it() -> None:
    """From the root, from the middle and from the end; what came after is no part of it."""
    recorder, (*story, alone) = nested(6)

    assert [story_of(recorder, one) for one in story] == [story] * 7
    assert story_of(recorder, alone) == [alone]


def test_an_unknown_dispatch_has_no_story() -> None:
    """It may be gone from the ring, or never have been."""
    recorder, ids = nested(1)

    assert story_of(recorder, max(ids) + 5) == []
    assert story_of(recorder, 0) == []
