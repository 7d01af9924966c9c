"""Each lint on a bench that deserves it, and silence on one that does not."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tests.widgets.support import bench_with, echo, shout
from workbench import Workbench
from workbench.engine.board import Board
from workbench.engine.points import REPLACE, Point, Policy
from workbench.trace.trace import Trace
from workbench.widgets import figures as figures_module
from workbench.widgets.hook_source import calls_next, first_parameter, returns_something
from workbench.widgets.views.lints import lints


@pytest.fixture(autouse=True)
def _fresh_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every view read the totals anew: tests do not wait for the tenth of a second."""
    monkeypatch.setattr(figures_module, "_FRESH", 0.0)


@dataclass(eq=False)
class Bench:
    """As much of a bench as the lints look at; its points are the test's own."""

    board: Board
    trace: Trace


def made(*points: Point) -> Any:
    """Make a board with a trace."""
    board = Board(list(points))
    return Bench(board, Trace(board))


def found(bench: Any, rule: str) -> list[dict[str, Any]]:
    """Lints of one rule."""
    return [lint for lint in lints(bench, {})["lints"] if lint["rule"] == rule]


def message_to(bench: Workbench, text: str = "hi") -> Any:
    """Let one message arrive."""
    peer = SimpleNamespace(send=lambda _: None)
    message = SimpleNamespace(text=lambda: text, raw_data=text)
    return bench.board.plan("message").fire(1, peer, message)


def trim(payload: dict[str, Any]) -> None:
    """Change in place."""
    payload["title"] = payload["title"].strip()


def whole(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload."""
    return payload


async def forgets(context: Any, go_on: Any) -> None:
    """Call next and let it go."""
    del context
    go_on()


async def twice(context: Any, go_on: Any) -> None:
    """Call next, and again."""
    del context
    await go_on()
    await go_on()


async def slow_work(peer: Any, message: Any) -> None:
    """Hold the loop."""
    del peer, message
    time.sleep(0.06)  # noqa: ASYNC251 - the mistake that is to be found


def test_a_bench_in_order_has_no_lints() -> None:
    """Nobody is bothered without a reason."""
    bench = bench_with(shout, echo)
    for _ in range(30):
        message_to(bench)
    assert lints(bench, {}) == {"lints": [], "sample": 30}


def test_a_filter_that_returns_nothing() -> None:
    """Only where the result counts, and only one that never returns anything."""
    bench = made(Point("filter", ("payload",), Policy("fold", REPLACE)))
    bench.board.attach("filter", trim)
    bench.board.attach("filter", whole)
    for _ in range(4):
        bench.board.plan("filter").fire(-1, {"title": " x "})
    (lint,) = found(bench, "returned-nothing")
    assert lint["name"] == "trim"
    assert "return payload" in lint["fix"]
    assert (lint["count"], lint["examples"]) == (4, [4, 3, 2])


def test_a_filter_that_changed_in_place_is_told_so() -> None:
    """It works, until it builds something new."""
    bench = made(Point("filter", ("payload",), Policy("fold", REPLACE)))
    touch = bench.trace.recorder.touch

    def mark(payload: object) -> None:
        del payload
        touch()

    bench.board.attach("filter", mark)
    bench.board.plan("filter").fire(-1, {"title": " x "})
    (lint,) = found(bench, "returned-nothing")
    assert "in place" in lint["sentence"]


def test_next_called_twice_and_next_not_awaited() -> None:
    """The first by what it raised, the second by its source."""
    bench = made(Point("call", ("context", "next"), Policy("onion")))
    bench.board.attach("call", twice, kind="around")

    async def run() -> None:
        def core(_context: Any) -> None:
            return None

        with pytest.raises(Exception, match="next"):
            await bench.board.plan("call").fire(-1, {}, core)

    asyncio.run(run())
    (lint,) = found(bench, "next-twice")
    assert (lint["name"], lint["count"], lint["examples"]) == ("twice", 1, [1])
    assert found(bench, "next-not-awaited") == []
    bench.board.attach("call", forgets, kind="around")
    (lint,) = found(bench, "next-not-awaited")
    assert (lint["name"], lint["examples"]) == ("forgets", [])


def test_a_hook_that_holds_the_loop() -> None:
    """Says for how long, and how not to."""
    bench = bench_with(slow_work)
    asyncio.run(_awaited(message_to(bench)))
    (lint,) = found(bench, "held-loop")
    assert lint["name"] == "slow_work"
    assert "without awaiting" in lint["sentence"]
    assert lint["examples"] == [1]


def test_a_hook_that_never_ran() -> None:
    """Only once enough happened while it stood there, and not one that is off."""
    bench = bench_with(echo)
    bench.chain("close").attach(echo, name="leave")
    bench.chain("error").attach(echo, name="later")
    bench.chain("error").enable("later", False)
    for _ in range(19):
        message_to(bench)
    assert found(bench, "never-ran") == []
    message_to(bench)
    (lint,) = found(bench, "never-ran")
    assert lint["name"] == "leave"
    assert "No event came to close" in lint["why"]


def test_a_request_without_an_answer() -> None:
    """As the dialect has noted it."""
    bench = bench_with(echo)
    bench.trace.recorder.moment("stage", "request dropped, no answer sent", dispatch=7)
    bench.trace.recorder.moment("stage", "client answered: 200", dispatch=8)
    (lint,) = found(bench, "unanswered")
    assert (lint["count"], lint["examples"]) == (1, [7])


def test_a_context_changed_after_an_await() -> None:
    """Only where another event of the connection was under way."""
    bench = made(
        Point(
            "message",
            ("peer", "message"),
            snapshot=lambda peer, message: {"context": peer, "message": message},
        )
    )
    touch = bench.trace.recorder.touch

    async def count(peer: dict[str, int], message: object) -> None:
        del message
        seen = peer["n"]
        await asyncio.sleep(0.01)
        peer["n"] = seen + 1
        touch()

    bench.board.attach("message", count)
    plan = bench.board.plan("message")

    async def one_by_one() -> None:
        await plan.fire(1, peer := {"n": 0}, {})
        await plan.fire(1, peer, {})

    async def together() -> None:
        peer = {"n": 0}
        await asyncio.gather(plan.fire(2, peer, {}), plan.fire(2, peer, {}))

    asyncio.run(one_by_one())
    assert found(bench, "changed-after-await") == []
    asyncio.run(together())
    (lint,) = found(bench, "changed-after-await")
    assert "context.n" in lint["sentence"]
    assert sorted(lint["examples"]) == [3, 4] or lint["examples"] == [3]


def test_two_hooks_of_one_name() -> None:
    """They can stand at one point, and lines cannot tell them apart."""
    bench = bench_with(echo)
    bench.board.attach("message", shout, name="echo", append=True)
    (lint,) = found(bench, "one-name")
    assert (lint["name"], lint["point"], lint["count"]) == ("echo", "message", 2)


def test_what_cannot_be_read_is_not_accused() -> None:
    """Built-in functions have no source."""
    assert returns_something(print)
    assert calls_next(print) == ""
    assert first_parameter(print) == "payload"
    assert calls_next(twice) == "awaited"
    assert first_parameter(trim) == "payload"


async def _awaited(pending: Any) -> None:
    await pending
