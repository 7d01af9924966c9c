"""The board: which hooks stand where, every edit of that, and the plans made from it.

Edits come from any thread and go through one lock; an edit makes a new `BoardState` and publishes it by one
attribute store. Readers never lock: they take the state once and stay on its revision.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from workbench.engine import edits
from workbench.engine.awaiting import is_asynchronous
from workbench.engine.chain import Report, log_failure
from workbench.engine.errors import EditRefused, UnknownPoint, near
from workbench.engine.hooks import EVERYWHERE, UNKNOWN_ORIGIN, Hook, HookFunction, Kind, Origin, Scope
from workbench.engine.journal import quoted, spell_call
from workbench.engine.ledger import Ledger
from workbench.engine.plan import Plan, make_plan
from workbench.engine.points import Point, Policy
from workbench.engine.signatures import adapt
from workbench.engine.state import BoardState, Link, Ref, Row, find
from workbench.engine.tracing import Tracer
from workbench.engine.views import ConnectionPlans

__all__ = ["Board"]


class Board(Ledger):
    """Hooks, points, journal and plans.

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
    whence
        Says where a function comes from when whoever attaches it does not; None: from its code.
    """

    def __init__(
        self,
        points: Iterable[Point] = (),
        *,
        open_points: Callable[[str], Point] | None = None,
        clock: Callable[[], float] = time.time,
        spoken: str = "bench",
        whence: Callable[[HookFunction], Origin] | None = None,
    ) -> None:
        super().__init__(points, clock=clock, spoken=spoken)
        self.whence = whence or edits.origin_of
        self.report: Report = log_failure
        self.tasks: set[asyncio.Task[Any]] = set()
        self._open_points = open_points
        self._ids = itertools.count(1)
        self._guest_ids = itertools.count(1)
        self._guests: WeakValueDictionary[Any, Hook] = WeakValueDictionary()

    # -- reading
    # ------------------------------------------------------------------------------------------------------

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

    # -- plans
    # --------------------------------------------------------------------------------------------------------

    def plan(
        self,
        point: str,
        connection: int | None = None,
        guests: tuple[Hook, ...] = (),
        lanes: tuple[str, ...] | None = None,
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
            Only these, in this order (Directus R6, R7); None: all.
        """
        state = self._state
        if not guests and lanes is None and (connection is None or not state.scoped(point)):
            plan = state.plans.get(point)
            return self._make(state, point, point, None, (), None) if plan is None else plan
        mine = tuple(row.hook.id for row in state.of(point) if row.hook.runs_for(connection))
        key = (point, mine, tuple(guest.id for guest in guests), lanes)
        plan = state.plans.get(key)
        return self._make(state, key, point, connection, guests, lanes) if plan is None else plan

    def _make(
        self,
        state: BoardState,
        key: object,
        name: str,
        connection: int | None,
        guests: tuple[Hook, ...],
        lanes: tuple[str, ...] | None,
    ) -> Plan:
        with self._lock:
            made = state.plans.get(key)
            if made is not None:
                return made
            point = state.points.get(name) or self.point(name)
            if point.name not in state.points:
                state = replace(state, points={**state.points, point.name: point})
            links = state.chain(point.name, connection, guests, lanes)
            plan = make_plan(
                point,
                state.revision,
                tuple((link.hook, link.reason) for link in links if link.off is None),
                tuple((link.hook, link.off) for link in links if link.off is not None),
                report=self._report,
                tasks=self.tasks,
                tracer=state.tracer,
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
            self._state = self._state.retraced(tracer)
        self._tell()

    async def drain(self) -> None:
        """Wait for the tasks that hooks still have on this loop."""
        loop = asyncio.get_running_loop()
        while mine := [task for task in list(self.tasks) if task.get_loop() is loop]:
            await asyncio.wait(mine)

    # -- hooks that connections bring
    # ---------------------------------------------------------------------------------

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
                    call=adapt(function, called, found.title, found.parameters_of("call"), found.members),
                    asynchronous=is_asynchronous(function),
                )
                self._guests[found.name, lane, called, function] = hook
            return hook

    def guests(self) -> tuple[Hook, ...]:
        """List the guests that some connection still holds."""
        return tuple(sorted(self._guests.values(), key=lambda hook: int(hook.id[1:])))

    # -- edits
    # --------------------------------------------------------------------------------------------------------

    def attach(
        self,
        point: str,
        function: HookFunction,
        *,
        name: str | None = None,
        lane: str = "",
        kind: Kind = "call",
        priority: float = 0,
        before: Ref | None = None,
        after: Ref | None = None,
        origin: Origin = UNKNOWN_ORIGIN,
        scope: Scope = EVERYWHERE,
        author: str = "api",
        append: bool = False,
    ) -> Hook:
        """Attach a function at a point.

        Parameters
        ----------
        point
            Key or alias.
        function
            What to call.
        name
            None: the function's name.
        lane, kind, priority, scope, origin
            See `Hook`.
        before, after
            The hook next to which it goes; None: it keeps the place of the one that it replaces, or goes
            last.
        author
            For the journal.
        append
            False: replaces the hook of the same name, lane and kind in place. True: stands beside it, as the
            modelled systems' own calls do; only the previous run of the same cell is replaced.

        Raises
        ------
        UnknownPoint, BadSignature, UnknownHook, AmbiguousHook
            See there.
        """
        found = self.point(point)
        called = name or edits.name_of(function)
        origin = self.whence(function) if origin == UNKNOWN_ORIGIN else origin
        with self._lock:
            fresh = Hook(
                id="",
                name=called,
                function=function,
                point=found.name,
                kind=kind,
                lane=lane,
                priority=priority,
                scope=scope,
                origin=edits.origin_of(function, origin),
                call=adapt(function, called, found.title, found.parameters_of(kind), found.members),
                asynchronous=is_asynchronous(function),
            )
            beside = edits.beside(self._state, found.name, before, after)
            run = self._cells.get(fresh.origin.cell or "")
            old = run.predecessor(self._state, fresh) if run is not None else None
            nameless = (
                name is None and called == "lambda"
            )  # two lambdas are two hooks, not two versions of one
            if old is None and not append and not nameless:
                old = edits.namesake(self._state, fresh)
            hook = self._put(
                fresh, old, beside, found, author, edits.attach_line(self, fresh, beside, append=append)
            )
            if run is not None:
                run.keep(hook)
        self._tell()
        return hook

    def _put(
        self, fresh: Hook, old: Hook | None, beside: edits.Beside, point: Point, author: str, python: str
    ) -> Hook:
        """Put a new hook into the rows, in the place of the old one where there is one."""
        state = self._state
        rows = state.of(fresh.point)
        if old is None:
            hook = replace(fresh, id=f"h{next(self._ids)}")
            note = edits.note_attached(state, hook, beside)
            rows = edits.inserted(rows, Row(hook, note), beside)
        else:
            hook = edits.succeeded(old, fresh)
            rows = edits.with_hook(rows, hook)
            if beside.where is not None:
                rows = edits.moved(state, rows, hook, beside)
        self._commit(
            "attach" if old is None else "replace",
            {fresh.point: rows},
            hook,
            author,
            python,
            {point.name: point},
        )
        return hook

    def remove(self, ref: Ref, *, author: str = "api", point: str | None = None) -> None:
        """Take a hook off the board.

        Parameters
        ----------
        ref
            Which.
        author
            For the journal.
        point
            Where to look for it; None: everywhere.
        """
        with self._lock:
            hook = self.resolve(ref, point)
            rows = tuple(row for row in self._state.of(hook.point) if row.hook.id != hook.id)
            self._commit("remove", {hook.point: rows}, hook, author, self._line(hook, "remove"))
        self._tell()

    def move(
        self,
        ref: Ref,
        before: Ref | None = None,
        after: Ref | None = None,
        lane: str | None = None,
        *,
        author: str = "api",
        point: str | None = None,
    ) -> Hook:
        """Move a hook next to another one, or to the end.

        Parameters
        ----------
        ref
            Which.
        before, after
            Next to which; neither: to the end of its lane.
        lane
            Into another lane; None: it stays in its own.
        author, point
            As in `remove`.
        """
        with self._lock:
            hook = self.resolve(ref, point)
            beside = edits.beside(self._state, hook.point, before, after)
            if beside.where == hook.id:
                raise EditRefused(f"{hook.name!r} cannot be moved next to itself; name another hook")
            hook = hook if lane is None else replace(hook, lane=lane)
            rows = edits.moved(self._state, edits.with_hook(self._state.of(hook.point), hook), hook, beside)
            line = self._line(
                hook, "move", **beside.spelled(self._state), **({} if lane is None else {"lane": lane})
            )
            self._commit("move", {hook.point: rows}, hook, author, line)
        self._tell()
        return hook

    def enable(self, ref: Ref, on: bool = True, *, author: str = "api", point: str | None = None) -> Hook:
        """Switch a hook on, or off in its place.

        Parameters
        ----------
        ref
            Which.
        on
            False: off.
        author, point
            As in `remove`.
        """
        hook = self.resolve(ref, point)
        return self._exchange("enable", hook, replace(hook, enabled=on), author, on=on)

    def replace(
        self, ref: Ref, function: HookFunction, *, author: str = "api", point: str | None = None
    ) -> Hook:
        """Give a hook another function; it keeps id, name and place.

        Parameters
        ----------
        ref
            Which.
        function
            The new one.
        author, point
            As in `remove`.
        """
        hook = self.resolve(ref, point)
        at = self.point(hook.point)
        fresh = replace(
            hook,
            function=function,
            version=hook.version + 1,
            origin=self.whence(function),
            call=adapt(function, hook.name, at.title, at.parameters_of(hook.kind), at.members),
            asynchronous=is_asynchronous(function),
        )
        return self._exchange("replace", hook, fresh, author, edits.spell_function(fresh))

    def set_scope(self, ref: Ref, scope: Scope, *, author: str = "api", point: str | None = None) -> Hook:
        """Say for which connections a hook runs, and whether it counts.

        Parameters
        ----------
        ref
            Which.
        scope
            The new one.
        author, point
            As in `remove`.
        """
        hook = self.resolve(ref, point)
        return self._exchange("set_scope", hook, replace(hook, scope=scope), author, repr(scope))

    def _exchange(
        self, kind: str, old: Hook, fresh: Hook, author: str, *arguments: str, **keywords: object
    ) -> Hook:
        with self._lock:
            if find(self._state, old) != old:
                raise EditRefused(f"{old.name!r} was edited at the same moment; look at it again and repeat")
            line = self._line(old, kind, *arguments, **keywords)
            rows = edits.with_hook(self._state.of(old.point), fresh)
            self._commit(kind, {old.point: rows}, fresh, author, line)
        self._tell()
        return fresh

    def set_policy(self, point: str, policy: Policy, *, author: str = "api") -> Point:
        """Let a point run its hooks in another way.

        Parameters
        ----------
        point
            Key or alias.
        policy
            The new one.
        author
            For the journal.
        """
        with self._lock:
            found = replace(self.point(point), policy=policy)
            line = spell_call(
                edits.spell_chain(self.spoken, found.name), "set_policy", edits.spell_policy(policy)
            )
            self._commit("set_policy", {}, None, author, line, {found.name: found})
        self._tell()
        return found

    def clear(self, point: str, *, author: str = "api") -> None:
        """Remove all hooks of a point, as one edit.

        Parameters
        ----------
        point
            Key or alias.
        author
            For the journal.
        """
        with self._lock:
            name = self.point(point).name
            line = spell_call(edits.spell_chain(self.spoken, name), "clear")
            self._commit("clear", {name: ()}, None, author, line)
        self._tell()

    def apply(self, edit: Mapping[str, Any], *, author: str, seen: int | None = None) -> Hook | None:
        """Do an edit that came as JSON from a face.

        Parameters
        ----------
        edit
            ``{"kind": "move", "hook": "h3", "before": "h1"}`` and the like; function is a callable here.
        author
            widget, lab, page ...
        seen
            The revision that the face saw; None: whatever is now.

        Raises
        ------
        EditRefused
            When the edit is not understood, or when a hook it names was edited since.
        """
        with self._lock:
            edits.check_seen(self._state, self._journal, edit, seen)
            return edits.perform(self, edit, author)

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

    def _line(self, hook: Hook, method: str, *arguments: str, **keywords: object) -> str:
        ref = quoted(edits.spell_ref(self._state, hook))
        return spell_call(edits.spell_chain(self.spoken, hook.point), method, ref, *arguments, **keywords)
