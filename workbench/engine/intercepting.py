"""What may step between a plan and its hooks: faults and breakpoints.

As with tracing, stepping in means other plans, not a flag tested per call: an interceptor is asked once,
when a plan is made. Where it has nothing to do the plan is the usual one; where it has, the plan runs on the
general road with `Interception` around each dispatch and each call of a hook. Either may answer with
something to await, so a chain of plain functions becomes awaitable while somebody waits in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn, Protocol

from workbench.engine.awaiting import must_await
from workbench.engine.chain import Chain
from workbench.engine.errors import EventDropped
from workbench.engine.hooks import Hook
from workbench.engine.points import IGNORE, Point, Policy
from workbench.engine.tracing import Dispatched

__all__ = ["Begin", "Entry", "Interception", "Interceptor", "Start", "ends_quietly", "intercepted"]

Start = Callable[[Chain, Any, int, tuple[Any, ...]], Any]
"""Runs a chain for one event: (chain, run, connection, arguments) -> answer, or an awaitable of it."""


class Entry:
    """One dispatch that is on record and whose hooks have not begun.

    Parameters
    ----------
    run
        Where it is recorded.
    go
        Runs its hooks with the arguments that it is given; the answer, or an awaitable of it.
    """

    __slots__ = ("go", "run")

    def __init__(self, run: Dispatched, go: Callable[[tuple[Any, ...]], Any]) -> None:
        self.run = run
        self.go = go

    @property
    def dispatch(self) -> int:
        """Its id, -1 where nothing is recorded."""
        return self.run.dispatch

    def fail(self, error: BaseException) -> NoReturn:
        """End it before any of its hooks has run, by raising the error."""
        self.run.finish(error)
        raise error


Begin = Callable[[tuple[Any, ...]], Entry]
"""Puts one more dispatch with these arguments on record."""


class Interception(Protocol):
    """What steps in at one plan."""

    def enter(self, connection: int, args: tuple[Any, ...], begin: Begin) -> Any:
        """Run one event: ``begin(args).go(args)``, or something else in its place."""

    def call(self, position: int, connection: int, call: Callable[..., Any], *args: Any) -> Any:
        """Call the hook at that position: ``call(*args)``, or something else in its place.

        `EventDropped`, raised here, ends the event.
        """


class Interceptor(Protocol):
    """What the board is given to step in with."""

    def intercept(self, point: Point, hooks: tuple[Hook, ...]) -> Interception | None:
        """Look at a new plan; None: there is nothing to do here."""


def ends_quietly(policy: Policy) -> bool:
    """Tell whether nobody waits for what an event comes to, so that a dropped one just ends.

    Elsewhere whoever waits is told by `EventDropped`: it would take silence for an answer.
    """
    if policy.shape == "spawn":
        return True
    return policy.shape == "fold" and policy.reduce is IGNORE and policy.failure == "propagate"


def intercepted(
    chain: Chain,
    open_run: Callable[[int, tuple[Any, ...]], Dispatched],
    start: Start,
    interception: Interception,
) -> Callable[..., Any]:
    """Make the ``fire`` of a plan that is stepped into.

    Parameters
    ----------
    chain
        What runs.
    open_run
        Puts a dispatch on record, from connection and arguments.
    start
        The general runner of the chain's shape.
    interception
        What steps in.
    """
    quiet = ends_quietly(chain.point.policy)

    def begin(connection: int, args: tuple[Any, ...]) -> Entry:
        run = open_run(connection, args)
        calls = tuple(
            partial(interception.call, position, connection, call)
            for position, call in enumerate(chain.calls)
        )
        return Entry(run, partial(start, replace(chain, calls=calls), run, connection))

    def fire(connection: int, *args: Any) -> Any:
        try:
            answer = interception.enter(connection, args, partial(begin, connection))
        except EventDropped:
            if quiet:
                return None
            raise
        return _ended_quietly(answer) if quiet and must_await(answer) else answer

    return fire


async def _ended_quietly(answer: Any) -> Any:
    try:
        return await answer
    except EventDropped:
        return None
