"""When the client of an event was answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.support import bench_with
from workbench.trace.moments import SENT, STAGE
from workbench.widgets.answered import answered
from workbench.widgets.records import Event, newest

MOMENTS: tuple[tuple[list[tuple[Any, ...]], int | None], ...] = (
    ([], None),
    ([(STAGE, "written", 1, 1)], None),
    ([(SENT, "hello", 1, 1)], 0),
    ([(SENT, "hello", 1, 2)], None),
    ([(SENT, "hello", 2, 1)], None),
    ([(SENT, "news", 1, 1), (SENT, "client answered", 1, -1)], 1),
)
"""What happened, as kind, text, dispatch and connection, and which of it is the answer of event 1 of c1."""


def event_of(bench: Any) -> Event:
    """Give the only event."""
    return newest(bench, 1).events()[0]


@pytest.mark.parametrize(("moments", "answer"), MOMENTS)
def test_the_answer_is_what_was_sent_to_the_client_of_the_event(moments: Any, answer: int | None) -> None:
    """What is called an answer comes first; what others get, and what was before the event, is none."""

    def look(_peer: Any) -> None: ...

    bench = bench_with()
    bench.trace.recorder.moment(SENT, "earlier", dispatch=1, connection=1)
    bench.chain("open").attach(look)
    bench.board.plan("open").fire(1, None)
    for kind, text, dispatch, connection in moments:
        bench.trace.recorder.moment(kind, text, dispatch=dispatch, connection=connection)
    event = event_of(bench)
    kept = bench.trace.recorder.moments.rows()[1:]
    expected = {} if answer is None else {1: kept[answer].stamp - event.start_ns}
    assert answered(bench, [event]) == expected


def test_an_event_in_a_story_has_the_answer_of_the_story() -> None:
    """The moment belongs to the first event; the client of a later one was answered by it too."""

    def outer(_peer: Any) -> None:
        bench.board.plan("drain").fire(1, None)

    def inner(_peer: Any) -> None: ...

    bench = bench_with()
    bench.chain("open").attach(outer)
    bench.chain("drain").attach(inner)
    bench.board.plan("open").fire(1, None)
    bench.trace.recorder.moment(SENT, "client answered", dispatch=1, connection=1)
    first, second = sorted(newest(bench, 2).events(), key=lambda event: event.dispatch)
    found = answered(bench, [first, second])
    assert found[1] - found[2] == second.start_ns - first.start_ns
