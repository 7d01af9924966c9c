"""Where records lie: blocks, their bounds, and what is copied for a view."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.trace.recorder import Recorder
from workbench.trace.rings import Block, Table


def a_recorder(*points: str) -> tuple[Recorder, dict[str, Callable[..., Any]]]:
    """Make a recorder, and something to fire for each point."""
    recorder = Recorder()
    board = Board([Point(point, ("peer",)) for point in points])
    board.tracer = recorder
    for point in points:
        board.attach(point, lambda _peer: None, name=point)
    return recorder, {point: board.plan(point).fire for point in points}


def test_a_view_of_the_newest_copies_no_block_that_cannot_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand blocks of the past cost a look at a number each; so does a point that is silent."""
    recorder, fire = a_recorder("busy", "silent")
    for _ in range(50):
        fire["silent"](1, 2)
    recorder.tail(1)
    for _ in range(20_000):
        fire["busy"](1, 2)
    copied: list[Block] = []
    written = Block.written

    def noted(block: Block) -> Table:
        copied.append(block)
        return written(block)

    monkeypatch.setattr(Block, "written", noted)

    assert recorder.tail(10).dispatches["id"].tolist() == list(range(20_041, 20_051))
    assert len(copied) <= 2
    copied.clear()
    assert recorder.tail(10, before=10_000).dispatches["id"].tolist() == list(range(9_990, 10_000))
    recorder.tail(10, before=10_000)
    assert len(copied) <= 5


def test_the_newest_of_several_points_come_in_the_order_of_their_ids() -> None:
    """However they are spread over blocks."""
    recorder, fire = a_recorder("a", "b", "c")
    for number in range(3000):
        fire["abc"[number * number % 3]](1, 2)

    for before in (None, 2999, 1500, 7, 1):
        for count in (1, 10, 2000, 9999):
            last = 3000 if before is None else before - 1
            expected = list(range(max(last - count, 0) + 1, last + 1))
            assert recorder.tail(count, before).dispatches["id"].tolist() == expected
    rows = recorder.rows()
    assert rows.dispatches["id"].tolist() == rows.calls["dispatch"].tolist() == list(range(1, 3001))
    assert (rows.calls["plan"] == rows.dispatches["plan"]).all()


def test_a_record_that_is_claimed_and_not_written_is_left_out() -> None:
    """Its writer is on its way; the totals wait for it, and count it once."""
    recorder, fire = a_recorder("p")
    for _ in range(3):
        fire["p"](1, 2)
    block = recorder.store.blocks()[0]
    offset = next(block.offsets)
    fire["p"](1, 2)

    assert len(recorder.rows().dispatches) == 4
    assert recorder.events == 3
    block.buffer[offset : offset + 8] = (99).to_bytes(8, "little")
    assert recorder.events == 5
    assert block.least == 0


def test_a_writer_that_finds_no_room_may_find_that_another_made_some() -> None:
    """Two threads at the end of a block make one new block."""
    recorder, fire = a_recorder("p")
    for _ in range(8):
        fire["p"](1, 2)
    with recorder.store.lock:
        threads = [threading.Thread(target=fire["p"], args=(1, 2)) for _ in range(2)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()

    assert (len(recorder.store.blocks()), recorder.kept) == (2, 10)
