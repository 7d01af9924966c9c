"""Layers written out: however many hooks there are, they run as a plain loop would run them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.awaiting import must_await
from workbench.engine.board import Board
from workbench.engine.hooks import Kind, Scope
from workbench.engine.layers import LONGEST
from workbench.engine.onion import OnionRules
from workbench.engine.points import Point, Policy
from workbench.trace.recorder import Recorder

Spec = tuple[Kind, str, bool]
"""Kind, manner and whether it is a shadow."""

KINDS: list[Kind] = ["error", "before", "after"]  # outermost first
MANNERS = ["plain", "async", "waits", "raises", "gives"]


class Kinds(OnionRules):
    """Rules that keep the kind of the hook that runs in the context."""

    def kind(self, context: Any) -> Any:
        """Read it."""
        return context["kind"]

    def put_kind(self, context: Any, kind: Any) -> None:
        """Note it."""
        context["kind"] = kind


class Tasked(Kinds):
    """The same, fired in a task."""

    in_task = True


def a_hook(number: int, manner: str, log: list[tuple[int, str]]) -> Callable[..., Any]:
    """Make a hook that notes that it ran, and as what."""

    def ran(context: Any) -> Any:
        log.append((number, context["kind"]))
        if manner == "raises":
            raise ValueError(f"of {number}")
        return number if manner == "gives" else None

    async def awaited(context: Any) -> Any:
        if manner == "waits":
            await asyncio.sleep(0)
        return ran(context)

    return awaited if manner in {"async", "waits"} else ran


def modelled(specs: list[Spec], core: Callable[[], Any]) -> tuple[list[tuple[int, str]], Any]:
    """Run hooks of one lane as a loop would: log, and value or text of the error."""
    log: list[tuple[int, str]] = []
    left = "around"  # what a hook that raised leaves in the context

    def run(kind: str, value: Any) -> Any:
        nonlocal left
        for number, (its, manner, shadow) in enumerate(specs):
            if its != kind:
                continue
            log.append((number, left if shadow else kind))
            if shadow:
                continue
            if manner == "raises":
                left = kind
                raise ValueError(f"of {number}")
            value = number if manner == "gives" else value
        return value

    try:
        run("before", None)
        log.append((-1, "around"))
        return log, run("after", core())
    except ValueError as error:
        text = str(error)
    try:
        value = run("error", None)
    except ValueError as error:
        return log, str(error)
    return log, value if value is not None else text


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("rules", [Kinds(), Tasked()], ids=["wherever", "in a task"])
@given(
    specs=st.lists(
        st.tuples(st.sampled_from(KINDS), st.sampled_from(MANNERS), st.booleans()), max_size=3 * LONGEST
    ),
    fails=st.booleans(),
)
def test_hooks_run_as_in_a_loop(traced: bool, rules: OnionRules, specs: list[Spec], fails: bool) -> None:
    """In their order and kind, past what shadows do, up to the first error, with the last value."""
    specs = sorted(specs, key=lambda spec: KINDS.index(spec[0]))
    log: list[tuple[int, str]] = []
    board = Board([Point("p", ("context", "next"), Policy("onion"), onion=rules)])
    board.tracer = Recorder() if traced else None
    for number, (kind, manner, shadow) in enumerate(specs):
        hook = a_hook(number, manner, log)
        board.attach("p", hook, name=f"h{number}", kind=kind, scope=Scope(shadow=shadow))

    def core(context: Any) -> str:
        log.append((-1, context["kind"]))
        if fails:
            raise ValueError("of the core")
        return "core"

    def quiet() -> str:
        if fails:
            raise ValueError("of the core")
        return "core"

    async def main() -> Any:
        try:
            answer = board.plan("p").fire(1, {"kind": "around"}, core)
            return await answer if must_await(answer) else answer
        except ValueError as error:
            return str(error)

    value = asyncio.run(main())
    assert (log, value) == modelled(specs, quiet)


def test_layers_are_short_to_compile_and_their_forms_are_few() -> None:
    """A hundred hooks of two kinds need no more than a handful of compiled forms."""
    from workbench.engine import layers

    board = Board([Point("p", ("context", "next"), Policy("onion"))])
    layers._made.cache_clear()
    for number in range(50):
        for kind in KINDS[1:]:
            board.attach("p", lambda _context: None, name=f"{kind}{number}", kind=kind)
    assert board.plan("p").fire(1, {}, lambda _context: 4) == 4
    assert layers._made.cache_info().currsize <= 4


def test_tracebacks_pass_over_layers_as_over_all_that_is_the_workbenchs() -> None:
    """A reader sees the hook's own lines."""
    board = Board([Point("p", ("context", "next"), Policy("onion"))])
    board.tracer = recorder = Recorder()

    def bad(_context: object) -> None:
        raise ValueError("bad")

    board.attach("p", bad, kind="before")
    with pytest.raises(ValueError, match="bad"):
        board.plan("p").fire(1, {}, lambda _context: 4)
    (error,) = recorder.errors
    assert [line for line in error.traceback.splitlines() if line.startswith("  File")] == [
        f'  File "{__file__}", line {bad.__code__.co_firstlineno + 1}, in bad'
    ]
