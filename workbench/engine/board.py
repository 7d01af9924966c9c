"""The board: which hooks stand where, and every edit of that.

The way back is in `ledger`; what may be asked of a board, and the plans made from it, in `planner`. Edits
come from any thread and go through one lock; an edit makes a new `BoardState` and publishes it by one
attribute store. Readers never lock: they take the state once and stay on its revision.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from workbench.engine import edits
from workbench.engine.awaiting import is_asynchronous
from workbench.engine.checks import check_effects, check_hook, check_lane, check_scope
from workbench.engine.errors import EditRefused, StaleVersion
from workbench.engine.hooks import (
    EVERYWHERE,
    UNKNOWN_ORIGIN,
    Effects,
    Hook,
    HookFunction,
    Kind,
    Origin,
    Scope,
)
from workbench.engine.journal import quoted, spell_call
from workbench.engine.planner import Planner
from workbench.engine.points import Point, Policy
from workbench.engine.signatures import fit
from workbench.engine.state import Ref, Row, find

__all__ = ["Board"]


class Board(Planner):
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
        super().__init__(points, open_points=open_points, clock=clock, spoken=spoken)
        self.whence = whence or edits.origin_of
        self._ids = itertools.count(1)

    # -- edits --------------------------------------------------------------------------------------

    def attach(
        self,
        point: str,
        function: HookFunction,
        *,
        name: str | None = None,
        lane: str = "",
        kind: Kind = "call",
        priority: float | None = None,
        before: Ref | None = None,
        after: Ref | None = None,
        origin: Origin = UNKNOWN_ORIGIN,
        scope: Scope = EVERYWHERE,
        effects: Effects = "context",
        author: str = "api",
        append: bool = False,
        spoken: str | None = None,
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
        lane, kind, priority, scope, origin, effects
            See `Hook`; without a priority it gets the point's.
        before, after
            The hook next to which it goes; None: it keeps the place of the one that it replaces, or goes
            last.
        author
            For the journal.
        append
            False: replaces the hook of the same name, lane and kind in place. True: stands beside it, as the
            modelled systems' own calls do; only the previous run of the same cell is replaced.
        spoken
            As in `replace`.

        Raises
        ------
        UnknownPoint, BadSignature, UnknownHook, AmbiguousHook, EditRefused
            See there.
        """
        found = self.point(point)
        priority = found.priority if priority is None else priority
        check_hook(name, lane, kind, priority, scope)
        check_effects(effects)
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
                effects=effects,
                origin=edits.origin_of(function, origin),
                call=fit(function, called, found, kind),
                asynchronous=is_asynchronous(function),
            )
            beside = edits.beside(self._state, found.name, before, after)
            run = self._cells.get(fresh.origin.cell or "")
            old = run.predecessor(self._state, fresh) if run is not None else None
            # two lambdas are two hooks, not two versions of one
            nameless = name is None and called == "lambda"
            if old is None and not append and not nameless:
                old = edits.namesake(self._state, fresh)
            line = edits.attach_line(self, fresh, old, beside, append=append, spoken=spoken)
            hook = self._put(fresh, old, beside, found, author, line)
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
            hook = edits.succeeded(old, fresh, self._versions.number(old.id, fresh.function))
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
        kind: Kind | None = None,
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
        kind
            What it becomes there ("before", "around" ...); None: what it was.
        author, point
            As in `remove`.

        Raises
        ------
        BadSignature
            When its function does not fit the other kind.
        """
        if lane is not None:
            check_lane(lane)
        with self._lock:
            hook = self.resolve(ref, point)
            beside = edits.beside(self._state, hook.point, before, after)
            if beside.where == hook.id:
                raise EditRefused(f"{hook.name!r} cannot be moved next to itself; name another hook")
            wishes = {key: wish for key, wish in (("lane", lane), ("kind", kind)) if wish is not None}
            line = self._line(hook, "move", **beside.spelled(self._state), **wishes)
            hook = edits.turned(replace(hook, lane=hook.lane if lane is None else lane), kind, self.points)
            rows = edits.moved(self._state, edits.with_hook(self._state.of(hook.point), hook), hook, beside)
            self._commit("move", {hook.point: rows}, hook, author, line)
        self._tell()
        return hook

    def duplicate(
        self, ref: Ref, name: str | None = None, *, author: str = "api", point: str | None = None
    ) -> Hook:
        """Put a copy of a hook right behind it: same function, lane, kind, priority and scope.

        Parameters
        ----------
        ref
            Which.
        name
            Of the copy; None: the hook's with a number.
        author, point
            As in `remove`.
        """
        with self._lock:
            hook = self.resolve(ref, point)
            called = name or edits.free_name(self._state, hook.point, hook.name)
            check_hook(called, hook.lane, hook.kind, hook.priority, hook.scope)
            line = self._line(hook, "duplicate", name=called)
            beside = edits.Beside(hook.id, hook.name, "after")
            fresh = replace(hook, id="", name=called, version=1)
            made = self._put(fresh, None, beside, self.point(hook.point), author, line)
        self._tell()
        return made

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
        self,
        ref: Ref,
        function: HookFunction,
        *,
        author: str = "api",
        point: str | None = None,
        origin: Origin = UNKNOWN_ORIGIN,
        seen: int | None = None,
        spoken: str | None = None,
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
        origin
            Where the function comes from, for those who know better than its code.
        seen
            The version that it is to take the place of; None: whatever is now.
        spoken
            The call that does the same, as Python behind the chain ("rewrite(...)"); None: this one.

        Raises
        ------
        BadSignature
            When the point cannot give the function what it requires.
        StaleVersion
            When the hook has another version than the one seen.
        """
        hook = self.resolve(ref, point)
        if seen is not None and hook.version != seen:
            raise StaleVersion(
                f"{hook.name!r} has version {hook.version} by now, not {seen}; look at it again"
            )
        fresh = edits.refitted(
            hook,
            function,
            self.point(hook.point),
            version=self._versions.number(hook.id, function),
            origin=self.whence(function) if origin == UNKNOWN_ORIGIN else origin,
        )
        return self._exchange("replace", hook, fresh, author, edits.spell_function(function), spoken=spoken)

    def return_to(
        self,
        ref: Ref,
        version: int,
        *,
        author: str = "api",
        point: str | None = None,
        seen: int | None = None,
    ) -> Hook:
        """Give a hook a function back that it had.

        Parameters
        ----------
        ref, author, point
            As in `remove`.
        version
            The number of the function.
        seen
            As in `replace`.

        Raises
        ------
        EditRefused
            When the hook never had that version.
        StaleVersion
            When it has another one than the one seen.
        """
        hook = self.resolve(ref, point)
        wanted = self.version(hook, version).hook
        return self.replace(
            hook,
            wanted.function,
            author=author,
            origin=wanted.origin,
            seen=seen,
            spoken=f"return_to({quoted(edits.spell_ref(self._state, hook))}, {version})",
        )

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
        check_scope(scope)
        hook = self.resolve(ref, point)
        return self._exchange("set_scope", hook, replace(hook, scope=scope), author, repr(scope))

    def set_effects(
        self, ref: Ref, effects: Effects, *, author: str = "api", point: str | None = None
    ) -> Hook:
        """Say what a hook touches.

        Parameters
        ----------
        ref
            Which.
        effects
            "context", "pure" or "outside".
        author, point
            As in `remove`.
        """
        check_effects(effects)
        hook = self.resolve(ref, point)
        return self._exchange("set_effects", hook, replace(hook, effects=effects), author, quoted(effects))

    def _exchange(
        self,
        kind: str,
        old: Hook,
        fresh: Hook,
        author: str,
        *arguments: str,
        spoken: str | None = None,
        **keywords: object,
    ) -> Hook:
        with self._lock:
            if find(self._state, old) != old:
                raise EditRefused(f"{old.name!r} was edited at the same moment; look at it again and repeat")
            line = self._line(old, kind, *arguments, **keywords)
            line += edits.remark(fresh) if kind == "replace" else ""
            if spoken is not None:
                line = f"{edits.spell_chain(self.spoken, old.point)}.{spoken}"
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

    def _line(self, hook: Hook, method: str, *arguments: str, **keywords: object) -> str:
        ref = quoted(edits.spell_ref(self._state, hook))
        return spell_call(edits.spell_chain(self.spoken, hook.point), method, ref, *arguments, **keywords)
