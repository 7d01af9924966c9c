"""Chains: who hears of errors that nobody else sees, and what shadows get."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.hooks import Scope
from workbench.engine.points import Point, Policy


def test_a_contained_error_goes_to_the_log_where_nobody_set_a_sink(caplog: pytest.LogCaptureFixture) -> None:
    """The line names hook, id, point and connection, and has the traceback."""
    board = Board([Point("p", ("a",), Policy(failure="contain"))])
    board.attach("p", lambda _a: 1 / 0, name="bad")

    board.plan("p").fire(7, 1)

    assert caplog.messages == ["hook 'bad' (h1) at p failed on connection 7"]
    assert "ZeroDivisionError" in caplog.text


def test_shadows_get_the_stand_ins_of_their_point() -> None:
    """What a shadow does to its arguments has no effect on the event."""
    board = Board([Point("p", ("a",), shadow=lambda a: (list(a),))])

    def grow(a: list[int]) -> None:
        a.append(1)

    board.attach("p", grow, name="shadow", scope=Scope(shadow=True))
    board.attach("p", grow)
    seen: Any = []
    board.plan("p").fire(1, seen)

    assert seen == [1]
