"""What stands between one plan and its hooks while faults are armed or breakpoints set there."""

from __future__ import annotations

__all__ = ["Crossing", "Crossings"]

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from workbench.engine.awaiting import must_await
from workbench.engine.errors import EventDropped
from workbench.engine.hooks import Hook
from workbench.engine.intercepting import Begin, Entry, Interception
from workbench.engine.points import Point
from workbench.interventions.breakpoints import Breakpoint, Breakpoints
from workbench.interventions.faults import Fault, Faults
from workbench.interventions.payloads import corrupted
from workbench.interventions.turns import Turns

Run = Callable[[tuple[Any, ...]], Any]
Moment = Callable[[str, int | None, int], object]
"""Notes an injected fault: (text, dispatch or None for the one that runs, connection)."""
Ended = Callable[[str], object]
"""Notes of the event that runs that it was ended from outside: (who did, and where)."""


class Crossings:
    """Steps into the plans that a fault or a breakpoint concerns; the board's interceptor.

    Parameters
    ----------
    faults, breakpoints
        Of the bench.
    moment
        Notes injected faults in the trace.
    ended
        Notes there that one of them ended the event that runs.
    close
        Closes a connection: (connection, code, reason).
    """

    def __init__(
        self,
        faults: Faults,
        breakpoints: Breakpoints,
        moment: Moment,
        ended: Ended,
        close: Callable[[int, int, str], object],
    ) -> None:
        self.faults = faults
        self.breakpoints = breakpoints
        self.moment = moment
        self.ended = ended
        self.close = close
        self.turns = Turns()

    def intercept(self, point: Point, hooks: tuple[Hook, ...]) -> Interception | None:
        """See `Interceptor`."""
        faults = self.faults.list
        entering = tuple(fault for fault in faults if fault.enters(point, hooks))
        calling = tuple(
            tuple(fault for fault in faults if fault.applies_to(hook, point, hooks)) for hook in hooks
        )
        stops = self.breakpoints.at(point, hooks)
        if not entering and not stops and not any(calling):
            return None
        return Crossing(self, point, hooks, entering, calling, stops)


class Crossing:
    """Steps in at one plan; the engine's `Interception`.

    Parameters
    ----------
    owner
        What to ask and to tell.
    point, hooks
        Of the plan.
    entering
        Faults that act on its events as a whole.
    calling
        For each hook, the faults that act on its calls.
    stops
        Its breakpoints.
    """

    __slots__ = ("_calling", "_entering", "_hooks", "_owner", "_point", "_stops")

    def __init__(
        self,
        owner: Crossings,
        point: Point,
        hooks: tuple[Hook, ...],
        entering: tuple[Fault, ...],
        calling: tuple[tuple[Fault, ...], ...],
        stops: tuple[Breakpoint, ...],
    ) -> None:
        self._owner = owner
        self._point = point
        self._hooks = hooks
        self._entering = entering
        self._calling = calling
        self._stops = stops

    def enter(self, connection: int, args: tuple[Any, ...], begin: Begin) -> Any:
        """See `Interception`: the faults of the event as a whole, then what holds it."""

        def run(args: tuple[Any, ...]) -> Any:
            entry = begin(args)
            try:
                answer = self._held(None, connection, entry.dispatch, args, entry.go)
            except BaseException as error:
                entry.run.finish(error)  # does nothing where the hooks have run
                raise
            return _finished(entry, answer) if must_await(answer) else answer

        return self._struck(self._entering, None, connection, args, run)

    def call(self, position: int, connection: int, call: Callable[..., Any], *args: Any) -> Any:
        """See `Interception`: the faults of one call, then what holds it."""
        hook = self._hooks[position]

        def run(args: tuple[Any, ...]) -> Any:
            return self._held(hook, connection, None, args, lambda args: call(*args))

        return self._struck(self._calling[position], hook, connection, args, run)

    # faults

    def _struck(
        self, faults: tuple[Fault, ...], hook: Hook | None, connection: int, args: tuple[Any, ...], run: Run
    ) -> Any:
        """Let the faults act that strike now, then run what they leave of the event."""
        struck = [fault for fault in faults if fault.strikes(connection)]
        if any(fault.spent for fault in struck):
            self._owner.faults.retire()
        waits: list[tuple[Fault, Callable[[], Awaitable[None]] | None]] = []
        for fault in struck:
            if fault.kind == "corrupt":
                args = self._damaged(fault, connection, args)
            elif fault.kind in ("delay", "hang"):
                waits.append((fault, self._wait(fault, connection)))
            elif fault.kind == "duplicate":
                run = self._doubled(fault, connection, run)
            elif fault.kind != "reorder":
                run = self._failing(fault, connection)
        turn = next((fault for fault in struck if fault.kind == "reorder"), None)
        key = (hook.id if hook is not None else self._point.name, connection)
        return self._in_turn(key, turn, connection, args, self._late(waits, run))

    def _tell(self, fault: Fault, connection: int, detail: str = "") -> None:
        self._owner.moment(fault.told(detail), None if fault.hook else -1, connection)

    def _damaged(self, fault: Fault, connection: int, args: tuple[Any, ...]) -> tuple[Any, ...]:
        found = corrupted(self._point, args, fault.random())
        if found is None:
            fault.missed()
            return args
        self._tell(fault, connection, f": {found[1]}")
        return found[0]

    def _failing(self, fault: Fault, connection: int) -> Run:
        def fail(_args: tuple[Any, ...]) -> Any:
            self._tell(fault, connection)
            if fault.kind == "raise":
                raise fault.fresh_error()
            if fault.hook:
                self._owner.ended(fault.told())
            if fault.kind == "close":
                self._owner.close(connection, fault.code, fault.reason)
            raise EventDropped(f"The event was dropped by fault {fault.id}.")

        return fail

    def _doubled(self, fault: Fault, connection: int, run: Run) -> Run:
        async def later(first: Any, args: tuple[Any, ...]) -> Any:
            answer = await first
            second = run(args)
            if must_await(second):
                await second
            return answer

        def twice(args: tuple[Any, ...]) -> Any:
            self._tell(fault, connection)
            first = run(args)
            if must_await(first):
                return later(first, args)
            second = run(args)
            return _then(second, first) if must_await(second) else first

        return twice

    def _wait(self, fault: Fault, connection: int) -> Callable[[], Awaitable[None]] | None:
        """Make what waits; None where nothing can wait here and the wait is over."""
        seconds = fault.seconds() if fault.kind == "delay" else 0.0
        detail = f" by {seconds * 1000:.0f} ms" if fault.kind == "delay" else ""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            if fault.kind == "delay":
                self._tell(fault, connection, detail)
                time.sleep(seconds)
            else:
                fault.missed()
            return None
        self._tell(fault, connection, detail)
        return (lambda: asyncio.sleep(seconds)) if fault.kind == "delay" else (lambda: _hang(fault))

    @staticmethod
    def _late(waits: list[tuple[Fault, Callable[[], Awaitable[None]] | None]], run: Run) -> Run:
        pending = [wait for _, wait in waits if wait is not None]
        if not pending:
            return run

        async def late(args: tuple[Any, ...]) -> Any:
            for wait in pending:
                await wait()
            answer = run(args)
            return await answer if must_await(answer) else answer

        return late

    def _in_turn(
        self, key: tuple[str, int], fault: Fault | None, connection: int, args: tuple[Any, ...], run: Run
    ) -> Any:
        """Run now, or after the next event of the same kind; and let the one go on that waited for this."""
        turns = self._owner.turns
        if fault is not None and not turns.waits(key) and turns.can_wait():
            self._tell(fault, connection)
            return turns.after_next(key, fault.ms / 1000, lambda: run(args))
        if fault is not None:
            fault.missed()
        try:
            return run(args)
        finally:
            turns.next_has_run(key)

    # what holds events

    def _held(
        self, hook: Hook | None, connection: int, dispatch: int | None, args: tuple[Any, ...], run: Run
    ) -> Any:
        mine = [stop for stop in self._stops if stop.hook == (None if hook is None else hook.id)]
        before = [stop for stop in mine if stop.when == "before" and stop.wants(connection, args)]
        after = [stop for stop in mine if stop.when == "after"]
        if not before and not after:
            return run(args)
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # nothing can wait in this thread
            return run(args)
        number = self._owner.breakpoints.running() if dispatch is None else dispatch
        return self._hold(before, after, connection, number, args, run)

    async def _hold(
        self,
        before: list[Breakpoint],
        after: list[Breakpoint],
        connection: int,
        dispatch: int,
        args: tuple[Any, ...],
        run: Run,
    ) -> Any:
        hold = self._owner.breakpoints.hold
        for stop in before:
            args, _ = await hold(stop, self._point, connection, dispatch, args)
        answer = run(args)
        if must_await(answer):
            answer = await answer
        for stop in after:
            if stop.wants(connection, args):
                _, answer = await hold(stop, self._point, connection, dispatch, args, answer)
        return answer


async def _finished(entry: Entry, pending: Any) -> Any:
    """Wait for an event that is held as a whole; dropped there it ends, though none of its hooks ran."""
    try:
        return await pending
    except BaseException as error:
        entry.run.finish(error)
        raise


async def _then(pending: Any, answer: Any) -> Any:
    await pending
    return answer


async def _hang(fault: Fault) -> None:
    """Wait until the fault is disarmed."""
    loop = asyncio.get_running_loop()
    released = asyncio.Event()

    def release() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(released.set)

    fault.released.append(release)
    try:
        await released.wait()
    finally:
        fault.released.remove(release)
