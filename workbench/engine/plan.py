"""A chain made immutable and callable at one revision."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workbench.engine.chain import Chain, Report, make_chain
from workbench.engine.folding import Folding
from workbench.engine.hooks import Hook
from workbench.engine.intercepting import Interception, Interceptor, Start, intercepted
from workbench.engine.joining import Gathering, Spawning
from workbench.engine.onion import Onioning, link
from workbench.engine.points import IGNORE, Destroyed, Point
from workbench.engine.templates import LONGEST, make_fire
from workbench.engine.tracing import UNTRACED, Dispatched, Probe, Run, Tracer

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Plan:
    """What one event runs.

    Functions and their metadata sit in the same tuple, so that no trace can name the wrong hook.

    Parameters
    ----------
    point
        The point, with the policy of this revision.
    revision
        The board's when the plan was made.
    hooks
        Those that run, in effective order.
    skipped
        Those that do not, with the reason.
    reasons
        For each of hooks, why it stands where it does.
    fire
        ``fire(connection, *arguments)``; a value, or an awaitable of it only if something was really
        pending. A fold gives its accumulator, gather and spawn None, an onion (``fire(connection, context,
        core)``) the value of the core. The connection is -1 for an event without one.
    traced
        Whether its dispatches are recorded.
    events
        For each of hooks the event that it is told, where the point binds hooks to events; else empty.
    """

    point: Point
    revision: int
    hooks: tuple[Hook, ...]
    skipped: tuple[tuple[Hook, str], ...]
    reasons: tuple[str, ...]
    traced: bool
    events: tuple[str, ...] = ()
    fire: Callable[..., Any] = field(repr=False, default=lambda *_: None)


def make_plan(
    point: Point,
    revision: int,
    running: tuple[tuple[Hook, str], ...],
    skipped: tuple[tuple[Hook, str], ...],
    *,
    report: Report,
    tasks: set[asyncio.Task[Any]],
    tracer: Tracer | None = None,
    interceptor: Interceptor | None = None,
    events: tuple[str, ...] = (),
) -> Plan:
    """Make a plan.

    Parameters
    ----------
    point
        With the policy to follow.
    revision
        The board's.
    running
        Hooks in effective order, with reasons.
    skipped
        Hooks that do not run, with reasons.
    report
        Where contained errors go.
    tasks
        The set that holds running tasks.
    tracer
        None: nothing is recorded, and nothing is paid for it.
    interceptor
        None: nothing steps in, and nothing is paid for it.
    events
        For each of the running hooks the event of its section, where the point binds hooks to events.
    """
    hooks = tuple(hook for hook, _ in running)
    reasons = tuple(reason for _, reason in running)
    traced = tracer is not None and bool(hooks)
    plan = Plan(point, revision, hooks, skipped, reasons, traced, events)
    chain = make_chain(point, hooks, report, tasks, events)
    probe = tracer.probe(plan) if tracer is not None and hooks else None
    interception = None if interceptor is None else interceptor.intercept(point, hooks)
    fire = _fire(chain, probe) if interception is None else _stepped_into(chain, probe, interception)
    object.__setattr__(plan, "fire", fire)  # the probe had to see the plan before it could be fired
    return plan


def _fire(chain: Chain, probe: Probe | None) -> Callable[..., Any]:
    shape = chain.point.policy.shape
    if shape == "onion":
        return _onion(chain, probe)
    if not chain.hooks:
        return _empty(chain)
    if chain.plain and len(chain.hooks) <= LONGEST:
        return _fast(chain, probe)
    return _general(chain, probe)


def _stepped_into(chain: Chain, probe: Probe | None, interception: Interception) -> Callable[..., Any]:
    open_run: Callable[[int, tuple[Any, ...]], Dispatched] = _unrecorded if probe is None else probe.open
    if probe is not None and chain.point.policy.shape == "onion":
        open_run = probe.turning(link(chain, probe)[1], held=True)
    return intercepted(chain, open_run, _start(chain, probe), interception)


def _unrecorded(_connection: int, _args: tuple[Any, ...]) -> Dispatched:
    return UNTRACED


def _start(chain: Chain, probe: Probe | None) -> Start:
    """Make what runs one event on the general road, whatever the shape."""
    if chain.point.policy.shape == "onion":
        return lambda chain, run, connection, args: Onioning(
            chain, link(chain, probe)[0], run, connection, *args
        ).go()
    if not chain.hooks:
        empty = _empty(chain)
        return lambda _chain, _run, connection, args: empty(connection, *args)
    runner = _runner(chain)
    return lambda chain, run, connection, args: runner(chain, run, connection, args).go()


def _empty(chain: Chain) -> Callable[..., Any]:
    """An empty point costs nothing and records nothing."""
    policy = chain.point.policy
    if policy.shape == "fold" and policy.reduce.feeds:
        return lambda _connection, first, *_: first
    return lambda *_: None


def _onion(chain: Chain, probe: Probe | None) -> Callable[..., Any]:
    layer, turns = link(chain, probe)
    begin: Callable[[int, tuple[Any, ...]], Any] = _unrecorded if probe is None else probe.turning(turns)

    def fire(connection: int, context: Any, core: Callable[[Any], Any]) -> Any:
        return Onioning(chain, layer, begin(connection, (context, core)), connection, context, core).go()

    return fire


def _runner(chain: Chain) -> Callable[[Chain, Run, int, tuple[Any, ...]], Folding | Gathering | Spawning]:
    shapes: dict[str, Any] = {"fold": Folding, "gather": Gathering, "spawn": Spawning}
    runner: Callable[[Chain, Run, int, tuple[Any, ...]], Folding | Gathering | Spawning] = shapes[
        chain.point.policy.shape
    ]
    return runner


def _general(chain: Chain, probe: Probe | None) -> Callable[..., Any]:
    runner = _runner(chain)

    def untraced(connection: int, *args: Any) -> Any:
        return runner(chain, UNTRACED, connection, args).go()

    def traced(connection: int, *args: Any) -> Any:
        assert probe is not None  # noqa: S101 - chosen below
        return runner(chain, probe.open(connection, args), connection, args).go()

    return untraced if probe is None else traced


def _fast(chain: Chain, probe: Probe | None) -> Callable[..., Any]:
    policy = chain.point.policy
    fold = policy.shape == "fold"
    make = make_fire(
        len(chain.hooks),
        len(chain.point.parameters),
        reduces=fold and policy.reduce is not IGNORE,
        feeds=fold and policy.reduce.feeds,
        traced=probe is not None,
        snapshots=probe is not None and chain.point.snapshot is not None,
        destroys=policy.shape == "gather" and policy.failure == "destroy",
        changes=probe is not None and fold and policy.reduce.changes is not None,
    )

    def destroyed(error: Exception, position: int) -> Destroyed:
        return Destroyed(error, chain.hooks[position])

    fire: Callable[..., Any] = make(
        probe,
        chain.calls,
        policy.reduce.step,
        _resume(chain),
        _handed(chain, probe),
        destroyed,
        policy.reduce.changes,
    )
    return fire


def _resume(chain: Chain) -> Callable[..., Any]:
    """Make what the fast road calls when a hook returned something to await."""
    runner = _runner(chain)

    def resume(
        run: Run | None, position: int, pending: Any, value: Any, connection: int, args: tuple[Any, ...]
    ) -> Any:
        general = runner(chain, UNTRACED if run is None else run, connection, args)
        if isinstance(general, Folding):
            general.accumulator = value
            return general.wait(position, pending)
        return general.resume(position, pending)

    return resume


def _handed(chain: Chain, probe: Probe | None) -> Callable[..., Any]:
    """Make what the traced fast road calls for nested dispatches and for those to be snapshotted."""
    runner = _runner(chain)

    def general(dispatch: int, shot: bool, connection: int, *args: Any) -> Any:
        assert probe is not None  # noqa: S101 - only the traced fast road comes here
        run = probe.open(connection, args, dispatch=dispatch, shot=shot)
        return runner(chain, run, connection, args).go()

    return general
