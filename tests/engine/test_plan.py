"""Plans: four shapes, traced as untraced."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.engine.board import Board
from workbench.engine.errors import NextCalledTwice, NoLoop
from workbench.engine.hooks import Scope
from workbench.engine.points import (
    FIRST,
    IGNORE,
    MERGE,
    REPLACE,
    UPGRADE,
    Destroyed,
    Point,
    Policy,
    Reduce,
    Stop,
)
from workbench.trace.recorder import Recorder


def run(board: Board, *args: Any) -> tuple[str, Any]:
    """Fire the only point inside a loop, wait for all, and tell how it ended."""

    async def main() -> tuple[str, Any]:
        try:
            value = board.plan("p").fire(1, *args)
            if asyncio.iscoroutine(value):
                value = await value
        except Exception as error:  # noqa: BLE001 - it is what is compared
            value = error
        await board.drain()
        if isinstance(value, Destroyed):
            return "destroyed", str(value.error)
        return (type(value).__name__, str(value)) if isinstance(value, Exception) else ("value", value)

    return asyncio.run(main())


def hook_of(kind: str, name: str, log: list[str]) -> Callable[..., Any]:
    """Make a hook that logs its start, and ends as its kind says."""

    def plain(*_: Any) -> Any:
        log.append(name)
        if kind == "raises":
            raise ValueError(name)
        return {"gives": {name: 1}, "none": None, "stops": {"stop": name}}.get(kind)

    async def waits(*_: Any) -> Any:
        log.append(name)
        await asyncio.sleep(0)
        log.append(f"{name} end")
        if kind == "rejects":
            raise ValueError(name)
        return {name: 1}

    return waits if kind in ("waits", "rejects") else plain


def _noting(log: list[str]) -> Callable[..., None]:
    return lambda error, hook, connection: log.append(f"{hook.name} {error} {connection}")


def _step(accumulator: Any, result: Any) -> Any:
    if "stop" in result:
        return Stop(result, lane_only=True)
    return {**(accumulator if isinstance(accumulator, dict) else {}), **result}


_OWN = Reduce("own", _step, feeds=False)
_KINDS = st.sampled_from(["none", "gives", "stops", "raises", "waits", "rejects"])
_CHAIN = st.lists(st.tuples(_KINDS, st.sampled_from(["", "x"]), st.booleans()), max_size=6)
_REDUCES = st.sampled_from([IGNORE, REPLACE, MERGE, FIRST, UPGRADE, _OWN])


@settings(max_examples=250, deadline=None)
@given(
    _CHAIN,
    st.sampled_from(["fold", "gather", "spawn"]),
    _REDUCES,
    st.sampled_from(["propagate", "contain", "destroy"]),
)
def test_traced_equals_untraced(
    chain: list[tuple[str, str, bool]], shape: Any, reduce: Reduce, failure: Any
) -> None:
    """The same chain gives the same answer, the same order of starts and ends, and the same reports.

    Traced or not.
    """
    outcomes = []
    for tracer in (None, Recorder()):
        log: list[str] = []
        board = Board([Point("p", ("first", "second"), Policy(shape, reduce, failure))])
        board.report = _noting(log)
        board.tracer = tracer
        for index, (kind, lane, shadow) in enumerate(chain):
            scope = Scope(shadow=shadow and index % 3 == 0)
            board.attach("p", hook_of(kind, f"n{index}", log), name=f"n{index}", lane=lane, scope=scope)
        outcomes.append((run(board, {}, 2), log))
        if tracer is not None:
            rows = tracer.rows()
            assert len(rows.dispatches) == bool(chain)
            assert len(rows.calls) == len(chain)
            assert all(rows.dispatches["end"] > 0)
            assert not tracer.slots.slot.dispatch

    assert outcomes[0] == outcomes[1]


_ONION = st.lists(
    st.tuples(
        st.sampled_from(["around", "before", "after", "error"]),
        st.sampled_from(["none", "raises", "waits", "rejects", "gives"]),
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(_ONION, _KINDS)
def test_traced_onions_equal_untraced_ones(chain: list[tuple[Any, str]], core: str) -> None:
    """Onions too: same value or error, same order, traced or not."""
    outcomes = []
    for tracer in (None, Recorder()):
        log: list[str] = []
        board = Board([Point("p", ("context", "next"), Policy("onion"))])
        board.tracer = tracer
        for index, (kind, how) in enumerate(chain):
            board.attach("p", _layer(kind, how, f"n{index}", log), name=f"n{index}", kind=kind)
        outcomes.append((run(board, {}, hook_of(core, "core", log)), log))
        assert tracer is None or not tracer.slots.slot.dispatch

    assert outcomes[0] == outcomes[1]


def _layer(kind: str, how: str, name: str, log: list[str]) -> Callable[..., Any]:
    inner = hook_of(how, name, log)
    if kind != "around":
        return lambda _context: inner()
    if how in ("waits", "rejects"):

        async def around(_context: Any, following: Callable[[], Any]) -> Any:
            value = await following()
            await inner()
            return value

        return around

    def plain(_context: Any, following: Callable[[], Any]) -> Any:
        inner()
        return following()

    return plain


def test_gather_starts_in_order_and_a_raise_keeps_later_ones_from_starting() -> None:
    """After the first async def each hook is the first step of its own task; a raise stops the starting."""
    log: list[str] = []
    board = Board([Point("p", ("a",), Policy("gather"))])
    for index, kind in enumerate(["none", "waits", "raises", "none"]):
        board.attach("p", hook_of(kind, f"n{index}", log), name=f"n{index}")

    assert run(board, 1) == ("ValueError", "n2")
    assert log == ["n0", "n1", "n2", "n1 end"]


def test_a_def_action_that_raises_reaches_the_emitter_and_an_async_one_does_not() -> None:
    """Directus R10, R11: a raise propagates and later actions do not start; a rejection is reported."""
    log: list[str] = []
    board = Board([Point("p", ("a",), Policy("spawn", IGNORE, "contain"))])
    board.report = lambda error, _hook, _connection: log.append(f"reported {error}")
    for index, kind in enumerate(["rejects", "raises", "none"]):
        board.attach("p", hook_of(kind, f"n{index}", log), name=f"n{index}")

    assert run(board, 1) == ("ValueError", "n1")
    assert log == ["n1", "n0", "n0 end", "reported n0"]


def test_a_second_next_is_refused() -> None:
    """An around hook may go inwards once (Feathers R18)."""
    board = Board([Point("p", ("context", "next"), Policy("onion"))])

    def twice(_context: Any, following: Callable[[], Any]) -> None:
        following()
        following()

    board.attach("p", twice, kind="around")
    with pytest.raises(NextCalledTwice, match="called multiple times"):
        board.plan("p").fire(1, {}, lambda _context: 3)


def test_something_to_await_needs_a_loop() -> None:
    """Where no loop runs, a spawned coroutine is an error that says so."""
    board = Board([Point("p", ("a",), Policy("spawn"))])

    async def later(_a: object) -> None:
        """Do nothing."""

    board.attach("p", later)
    with pytest.raises(NoLoop, match="later"):
        board.plan("p").fire(1, 1)


def test_a_chain_that_never_awaits_gives_a_value() -> None:
    """Plain functions run without coroutine or task."""
    board = Board([Point("p", ("a",), Policy("fold", REPLACE))])
    board.attach("p", lambda a: a + 1)
    board.attach("p", lambda a: a * 2)

    assert board.plan("p").fire(1, 3) == 8


def test_an_edit_storm_mixes_no_revisions() -> None:
    """While another thread edits, each dispatch runs each hook of one revision once, also across awaits."""
    board = Board([Point("p", ("seen",))])
    recorder = board.tracer = Recorder()
    stop = threading.Event()

    def storm() -> None:
        while not stop.is_set():
            for name in ("a", "b"):
                board.move(name, before="c")
            board.enable("c", not board.resolve("c").enabled)

    def member(name: str) -> Callable[..., Any]:
        async def hook(seen: list[str]) -> None:
            seen.append(name)
            await asyncio.sleep(0)

        return hook

    for name in ("a", "b", "c"):
        board.attach("p", member(name), name=name)

    async def one() -> None:
        plan = board.plan("p")
        seen: list[str] = []
        await plan.fire(1, seen)
        assert seen == [hook.name for hook in plan.hooks]

    async def main() -> None:
        for _ in range(50):
            await asyncio.gather(*(one() for _ in range(20)))

    thread = threading.Thread(target=storm)
    thread.start()
    try:
        asyncio.run(main())
    finally:
        stop.set()
        thread.join()

    rows = recorder.rows()
    assert len(rows.dispatches) == recorder.events == 1000
    assert len(rows.calls) == sum(len(rows.plans[row["plan"]].hooks) for row in rows.dispatches)


def test_a_point_without_hooks_answers_at_once() -> None:
    """A feeding fold with what it was given, an onion with its core, everything else with None."""
    points = [
        Point("filter", ("payload",), Policy("fold", REPLACE)),
        Point("event", ("payload",)),
        Point("method", ("context", "next"), Policy("onion")),
    ]
    board = Board(points)
    board.tracer = recorder = Recorder()

    assert board.plan("filter").fire(-1, 5) == 5
    assert board.plan("event").fire(-1, 5) is None
    assert board.plan("method").fire(-1, 5, lambda context: context + 1) == 6
    assert recorder.events == 0
