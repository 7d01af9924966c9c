"""From rows to plans: points, who is meant, guests, and the plan of an event, made on first use and kept."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from weakref import WeakValueDictionary

from workbench.engine import edits
from workbench.engine.awaiting import is_asynchronous
from workbench.engine.chain import Report, log_failure
from workbench.engine.errors import EditRefused, UnknownPoint, near
from workbench.engine.hooks import Hook, HookFunction
from workbench.engine.intercepting import Interceptor
from workbench.engine.marks import MarkedLedger
from workbench.engine.plan import Plan, make_plan
from workbench.engine.points import Named, Point, Section
from workbench.engine.signatures import fit
from workbench.engine.state import BoardState, Link, Ref, find
from workbench.engine.tracing import Tracer
from workbench.engine.versions import Version
from workbench.engine.views import ConnectionPlans

__all__ = ["Planner"]


class Planner(MarkedLedger):
    """What may be asked of a board, and the plans made from it.

    Parameters
    ----------
    points
        The closed set of hook points.
    open_points
        Makes a point for a name that is not among them, or raises UnknownPoint; None: other names are
        refused.
    clock
        Seconds since the epoch, for the journal.
    spoken
        The name of the bench in printed Python lines.
    """

    def __init__(
        self,
        points: Iterable[Point] = (),
        *,
        open_points: Callable[[str], Point] | None = None,
        clock: Callable[[], float] = time.time,
        spoken: str = "bench",
    ) -> None:
        super().__init__(points, clock=clock, spoken=spoken)
        self.report: Report = log_failure
        self.tasks: set[asyncio.Task[object]] = set()
        self._open_points = open_points
        self._guest_ids = itertools.count(1)
        self._guests: WeakValueDictionary[object, Hook] = WeakValueDictionary()

    # -- reading ------------------------------------------------------------------------------------

    @property
    def points(self) -> Mapping[str, Point]:
        """Points by key, with their policies of now."""
        return self._state.points

    def point(self, name: str) -> Point:
        """Find a point by key or snake_case alias.

        Parameters
        ----------
        name
            What somebody wrote.

        Raises
        ------
        UnknownPoint
            With the near names, where names are closed.
        """
        points = self._state.points
        found = points.get(name) or next((point for point in points.values() if point.alias == name), None)
        if found is not None:
            return found
        if self._open_points is not None:
            return self._open_points(name)
        known = [*points, *(point.alias for point in points.values() if point.alias)]
        raise UnknownPoint(f"no hook point {name!r}{near(name, known)}")

    def add_points(self, points: Iterable[Point]) -> None:
        """Add the points of one more mount; not an edit.

        Parameters
        ----------
        points
            With keys that are not taken, or that are taken by equal points.
        """
        with self._lock:
            self._state = replace(
                self._state,
                points={**self._state.points, **{point.name: point for point in points}},
                plans={},
            )
        self._tell()

    def resolve(self, ref: Ref, point: str | None = None) -> Hook:
        """Find the one hook that ref names: an id, a name, a Hook or a function.

        Parameters
        ----------
        ref
            What somebody wrote.
        point
            Only there; None: everywhere.

        Raises
        ------
        UnknownHook, AmbiguousHook
            With near names, or with the ids of those it may be.
        """
        return find(self._state, ref, None if point is None else self.point(point).name)

    def chain(
        self, point: str, connection: int | None = None, guests: tuple[Hook, ...] = ()
    ) -> tuple[Link, ...]:
        """Give the effective chain of a point, hooks that do not run included, with reasons.

        Parameters
        ----------
        point
            Key or alias.
        connection
            For this one; None: for an event without connection.
        guests
            Hooks that the connection brought.
        """
        found = self.point(point)
        state = self._state
        if found.name not in state.points:
            return ()
        return state.chain(found.name, connection, guests)

    # -- plans --------------------------------------------------------------------------------------

    def plan(
        self,
        point: str,
        connection: int | None = None,
        guests: tuple[Hook, ...] = (),
        lanes: tuple[str, ...] | None = None,
        *,
        named: Named | None = None,
    ) -> Plan:
        """Give the plan of a point at the current revision, made on first use and kept.

        Parameters
        ----------
        point
            Key; aliases cost a look more.
        connection
            None: an event without connection, hooks of limited scope do not run.
        guests
            Hooks that the connection brought.
        lanes
            Only these, in this order; None: all.
        named
            The lanes of this chain, and its name for the trace (Directus R6, R7).
        """
        state = self._state
        if not guests and lanes is None and (connection is None or not state.scoped(point)):
            key: object = point if named is None else (point, named)
            plan = state.plans.get(key)
            return self._make(state, key, point, None, (), None, named) if plan is None else plan
        mine = tuple(row.hook.id for row in state.of(point) if row.hook.runs_for(connection))
        key = (point, mine, tuple(guest.id for guest in guests), lanes, named)
        plan = state.plans.get(key)
        return self._make(state, key, point, connection, guests, lanes, named) if plan is None else plan

    def _make(
        self,
        state: BoardState,
        key: object,
        name: str,
        connection: int | None,
        guests: tuple[Hook, ...],
        lanes: tuple[str, ...] | None,
        named: Named | None,
    ) -> Plan:
        with self._lock:
            made = state.plans.get(key)
            if made is not None:
                return made
            point = state.points.get(name) or self.point(name)
            if point.name not in state.points:
                state = replace(state, points={**state.points, point.name: point})
            sections = (Section("", lanes),) if named is None else named.sections
            links = [
                (link, section.event)
                for section in sections
                for link in state.chain(point.name, connection, guests, section.lanes)
            ]
            if named is not None:
                point = replace(point, name=named.name, title=named.title)
            plan = make_plan(
                point,
                state.revision,
                tuple((link.hook, link.reason) for link, _ in links if link.off is None),
                tuple((link.hook, link.off) for link, _ in links if link.off is not None),
                report=self._report,
                tasks=self.tasks,
                tracer=state.tracer,
                interceptor=state.interceptor,
                events=tuple(event for link, event in links if link.off is None),
            )
            state.plans[key] = plan
            return plan

    def _report(self, error: BaseException, hook: Hook, connection: int) -> None:
        self.report(error, hook, connection)

    def plans_for(self, connection: int) -> ConnectionPlans:
        """Give a connection its cheap view of the plans.

        Parameters
        ----------
        connection
            Its number.
        """
        return ConnectionPlans(self, connection)

    @property
    def tracer(self) -> Tracer | None:
        """What records; setting it publishes other plans at the same revision."""
        return self._state.tracer

    @tracer.setter
    def tracer(self, tracer: Tracer | None) -> None:
        with self._lock:
            self._state = self._state.replanned(tracer, self._state.interceptor)
        self._tell()

    @property
    def interceptor(self) -> Interceptor | None:
        """What steps in between plans and hooks; setting it publishes other plans at the same revision.

        Setting the one that is set lets it look at every plan anew. Events that have begun finish as they
        began.
        """
        return self._state.interceptor

    @interceptor.setter
    def interceptor(self, interceptor: Interceptor | None) -> None:
        with self._lock:
            self._state = self._state.replanned(self._state.tracer, interceptor)
        self._tell()

    async def drain(self) -> None:
        """Wait for the tasks that hooks still have on this loop."""
        loop = asyncio.get_running_loop()
        while mine := [task for task in list(self.tasks) if task.get_loop() is loop]:
            await asyncio.wait(mine)

    # -- versions ------------------------------------------------------------------------------------

    def versions(self, ref: Ref, point: str | None = None) -> tuple[Version, ...]:
        """List the functions that a hook has had, oldest first; those of undone edits too.

        Parameters
        ----------
        ref, point
            A hook by id, name or function, and where to look for it; None: everywhere.
        """
        return self._versions.of(self.resolve(ref, point).id)

    def version(self, ref: Ref, number: int, point: str | None = None) -> Version:
        """Find one version of a hook; parameters as in `versions`.

        Raises
        ------
        EditRefused
            When the hook never had it; lists those that it had.
        """
        known = self.versions(ref, point)
        found = next((version for version in known if version.number == number), None)
        if found is None:
            numbers = ", ".join(str(version.number) for version in known)
            raise EditRefused(f"{self.resolve(ref).name!r} has no version {number!r}; it has {numbers}")
        return found

    def next_version(self, ref: Ref, point: str | None = None) -> int:
        """Give the number that a function would get which the hook never had; parameters as in `versions`."""
        return self._versions.number(self.resolve(ref, point).id, None)

    # -- hooks that connections bring ---------------------------------------------------------------

    def guest(self, function: HookFunction, point: str, *, lane: str = "", name: str | None = None) -> Hook:
        """Give the hook for a function that a connection brought; the same function is the same hook.

        Parameters
        ----------
        function
            What the system's resolver supplied.
        point
            Key or alias.
        lane
            Where it stands.
        name
            None: the function's.
        """
        found = self.point(point)
        called = name or edits.name_of(function)
        with self._lock:
            hook = self._guests.get((found.name, lane, called, function))
            if hook is None:
                hook = Hook(
                    id=f"g{next(self._guest_ids)}",
                    name=called,
                    function=function,
                    point=found.name,
                    lane=lane,
                    origin=replace(edits.origin_of(function), kind="guest"),
                    call=fit(function, called, found),
                    asynchronous=is_asynchronous(function),
                )
                self._guests[found.name, lane, called, function] = hook
            return hook

    def guests(self) -> tuple[Hook, ...]:
        """List the guests that some connection still holds."""
        with self._lock:  # a guest that came meanwhile would break the iteration
            guests = list(self._guests.values())
        return tuple(sorted(guests, key=lambda hook: int(hook.id[1:])))
