"""A function that is played on events, in a thread that may be given up."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from workbench.bench import playing as module
from workbench.bench.playing import Play
from workbench.bench.remaking import Case
from workbench.engine.hooks import Hook, Origin
from workbench.engine.points import Point
from workbench.engine.rehearsal import refuse, rehearsing
from workbench.trace import output

POINT = Point("call", ("number",), snapshot=lambda number: {"number": number})


def played(function: Callable[..., Any], count: int = 2, seconds: float = 20) -> Play:
    """Play a function on events numbered from 1; one that is to be late gets less time."""
    cases = [Case(number, POINT, "", (number,), None) for number in range(1, count + 1)]
    origin = Origin("api", __file__, function.__code__.co_firstlineno)
    play = Play(cases, Hook("h1", "hook", function, "call", origin=origin, call=function), seconds)
    play.run()
    return play


def test_each_event_has_its_own_output() -> None:
    """Also where the function waits in between, or leaves work to another thread."""

    async def talk(number: int) -> None:
        print("begins", number)
        await asyncio.sleep(0.01)
        await asyncio.to_thread(print, "ends", number, file=sys.stderr)

    texts = [one.printed for one in played(talk).tried]

    assert texts == ["begins 1\nends 1\n", "begins 2\nends 2\n"]


def test_it_runs_as_something_that_is_only_tried() -> None:
    """In a thread of its own; what only the live bench could do ends an event and is told."""
    seen: list[Any] = []

    def look(number: int) -> None:
        seen.append((rehearsing(), threading.current_thread() is threading.main_thread()))
        if number == 2:
            refuse("A call")

    play = played(look)

    assert seen == [(True, False)] * 2
    assert [(one.dispatch, one.outcome) for one in play.tried] == [(1, "ok")]
    assert play.remarks[0].startswith("1 of 2 events were left: A call is not done")
    assert rehearsing() is False


def test_a_loop_that_catches_everything_is_stopped_all_the_same() -> None:
    """It is told to stop again and again, so one that swallows it a few times ends too."""

    def stubborn(_number: int) -> None:
        caught = 0
        while caught < 3:
            try:
                while True:
                    time.sleep(0.001)
            except BaseException:  # noqa: BLE001 - that is the point
                caught += 1

    play = played(stubborn, seconds=0.2)

    assert [one.outcome for one in play.tried] == ["late"]
    assert "(line " in play.tried[0].says
    assert play.remarks == ["1 of 2 events were not tried, as time was over."]


def test_a_thread_that_never_stops_is_left_behind(monkeypatch: Any) -> None:
    """It is said so, and what it prints from then on stays out of the notebook's cells."""
    monkeypatch.setattr(module, "_STOPPING", 0.05)
    goes_on = threading.Event()
    ended = threading.Event()

    def deaf(_number: int) -> None:
        while not goes_on.is_set():
            try:
                goes_on.wait(0.05)
            except BaseException:  # noqa: BLE001 - that is the point
                continue
        print("too late")
        ended.set()

    play = played(deaf, seconds=0.2)
    goes_on.set()

    assert ended.wait(20)
    assert play.remarks[0] == "The function does not stop: its thread goes on until it ends by itself."
    assert [one.outcome for one in play.tried] == ["late"]
    for capturing in [one for one in output._captures if one.printed is play._printed]:
        capturing.stop()


def test_an_event_that_cancels_itself_has_raised() -> None:
    """Only what is cancelled because time is over is late."""

    async def cancel(_number: int) -> None:
        raise asyncio.CancelledError

    assert [one.outcome for one in played(cancel).tried] == ["raised", "raised"]


def test_without_events_nothing_is_called() -> None:
    """And nothing is said."""
    play = played(lambda _number: None, count=0)

    assert (play.tried, play.remarks) == ([], [])
