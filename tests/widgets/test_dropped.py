"""Events that a person or a fault ended, and what the views say of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from tests.interventions.support import a_bench, answers, served, until
from workbench import Workbench
from workbench.testing.memory import Disconnected, MemoryClient
from workbench.widgets.static_events import _why
from workbench.widgets.views import build


def dropping(bench: Workbench) -> None:
    """Send one message, and drop it where it is held, if it is."""

    async def talk(client: MemoryClient) -> None:
        socket = await client.connect("/")
        socket.send("one")
        if bench.breakpoints.list:
            (held,) = await until(lambda: bench.breakpoints.held)
            held.drop()
        with suppress(Disconnected):
            assert await answers(socket) == []

    served(bench, talk)


def shown(bench: Workbench) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the newest event of `message` as a row, and in the inspector."""
    row = next(row for row in build("events", bench, {})["rows"] if row["point"] == "message")
    return row, build("inspector", bench, {"dispatch": row["dispatch"]})


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_event_dropped_at_a_hook(when: Any) -> None:
    """The row and the steps say that a person did it, and where; the hook is not blamed for it."""
    bench = a_bench()
    bench.breakpoints.set("message", hook="shout", when=when)
    dropping(bench)
    row, event = shown(bench)
    said = f"dropped by hand at the breakpoint {when} hook shout"
    assert (row["outcome"], row["hook"], row["effect"]) == ("stopped", None, f"{said}; echo not run")
    assert [step["reason"] for step in event["steps"]] == [said, said]
    assert _why(row) == row["effect"]
    assert f"{said} (e1)" in list(bench.trace.moments["text"])


def test_an_event_dropped_as_a_whole() -> None:
    """It has ended, though none of its hooks ran, and says who ended it."""
    bench = a_bench()
    bench.breakpoints.set("message")
    dropping(bench)
    row, _ = shown(bench)
    assert row["outcome"] == "stopped"
    assert row["effect"] == "dropped by hand at the breakpoint before the hooks; shout, echo not run"


@pytest.mark.parametrize(
    ("kind", "did"), [("drop", "dropped"), ("close", "answered by closing the connection")]
)
def test_an_event_ended_by_a_fault(kind: Any, did: str) -> None:
    """The fault is named, and the hook is not blamed either."""
    bench = a_bench()
    fault = bench.faults.arm(kind, hook="shout")
    dropping(bench)
    row, _ = shown(bench)
    assert (row["hook"], row["effect"]) == (None, f"hook shout {did} (fault {fault.id}); echo not run")


def test_who_dropped_an_event_is_known_when_the_moment_that_says_so_is_gone() -> None:
    """It is looked up by the event, whatever came since; with other texts of moments it has nothing to do."""
    bench = a_bench()
    bench.faults.arm("drop", hook="shout")
    dropping(bench)
    row, _ = shown(bench)
    for _ in range(10_001):
        bench.trace.recorder.moment("fault", "nothing dropped", dispatch=row["dispatch"])
    assert shown(bench)[0]["effect"] == row["effect"]


def test_what_is_dropped_while_nothing_is_traced_is_no_event_of_the_trace() -> None:
    """There is no event to note it of, by hand or by a fault."""
    bench = a_bench()
    bench.trace.off()
    bench.breakpoints.set("message", hook="shout")
    dropping(bench)
    bench.breakpoints.clear()
    bench.faults.arm("drop", hook="shout")
    dropping(bench)
    assert [bench.trace.recorder.moments.ended(number) for number in (-1, 0, 1)] == [None] * 3
