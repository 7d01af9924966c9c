"""Recorded events made again, on stand-ins: what a hook saw, without anything that it could reach.

A point's own stand-ins (those of shadow hooks) read what the live objects hold now; the parts of which there
are snapshots are put back to what they held when the hook began.
"""

from __future__ import annotations

__all__ = ["Case", "NotRemade", "remake"]

from collections.abc import Mapping, MutableMapping
from typing import Any

from workbench.engine.errors import NextCalledTwice, WorkbenchError
from workbench.engine.hooks import Hook
from workbench.engine.onion import PLAIN, OnionRules
from workbench.engine.points import IGNORE, Point
from workbench.interventions.payloads import put_back
from workbench.trace.changes import difference
from workbench.trace.copies import copy_of, same
from workbench.trace.samples import Sample

_WRAPPED = ("before", "after", "error")
_PLAIN = (dict, list, str, bytes, int, float, bool, type(None))


class NotRemade(WorkbenchError):
    """An event that cannot be made again; the sentence says what stands in the way."""


class Case:
    """One event as a hook is to meet it.

    Parameters
    ----------
    dispatch
        Its number.
    point
        Where it was.
    event
        What a hook that is bound to events is told.
    args
        Stand-ins.
    inside
        For an around hook: the parts as they were when everything inside of it had ended.
    """

    def __init__(
        self,
        dispatch: int,
        point: Point,
        event: str,
        args: tuple[Any, ...],
        inside: Mapping[str, Any] | None,
    ) -> None:
        self.dispatch = dispatch
        self._point = point
        self._event = event
        self._args = args
        self._inside = inside
        self._rules: OnionRules = point.onion or PLAIN
        self._before = _parts(point, args)
        self._first = copy_of(args[0]) if args else None
        self._kind: Any = None

    def call(self, hook: Hook) -> Any:
        """Call a hook's function as the point does; what it returns, or something to await."""
        bind = self._point.bind
        call = hook.call if bind is None else bind(hook, self._event)
        if self._point.policy.shape != "onion":
            return call(*self._args)
        context = self._args[0]
        if hook.kind not in _WRAPPED:
            return call(context, self._next(hook))
        self._kind = self._rules.kind(context)
        self._rules.put_kind(context, hook.kind)
        return call(context)

    def changed(self, hook: Hook, result: Any) -> bool:
        """Tell whether the hook, which returned `result`, changed the parts, or what the event comes to."""
        policy = self._point.policy
        if policy.shape == "onion":
            if hook.kind in _WRAPPED:
                self._rules.put_kind(self._args[0], self._kind)
                if result is not None:
                    self._rules.returned(self._args[0], result, None)
        elif policy.shape == "fold" and policy.reduce is not IGNORE and result is not None:
            return not same(copy_of(result), self._first)
        return not same(_parts(self._point, self._args), self._before)

    def _next(self, hook: Hook) -> Any:
        """Make the ``next`` of an around hook: the rest does what it did then."""
        called = False

        def inwards(*_: Any) -> Any:
            nonlocal called
            if called:
                raise NextCalledTwice("next() called multiple times")
            called = True
            if self._inside is not None:
                self._args = _restored(self._point, self._args, self._inside)
                self._before = _parts(self._point, self._args)
            return _nothing() if hook.asynchronous else None

        return inwards


async def _nothing() -> None:
    """Be awaited."""


def remake(sample: Sample, hook: Hook) -> Case:
    """Make an event again as a hook met it; where nobody but the bench's loop touches its objects.

    Parameters
    ----------
    sample
        The event.
    hook
        Which; one that did not run in it meets the event as it began.

    Raises
    ------
    NotRemade
        When some part of it cannot be put back.
    """
    shot, args = sample
    plan = shot.plan
    point: Point = plan.point
    if point.shadow is None:
        raise NotRemade(f"{point.title} has no stand-ins")
    place = next((place for place, ran in enumerate(plan.hooks) if ran.id == hook.id), None)
    try:
        made = point.shadow(*args)
        parts = shot.steps[0].parts if place is None else shot.before(place)
        made = _restored(point, made, parts)
    except NotRemade:
        raise
    except Exception as error:
        raise NotRemade(f"{type(error).__name__}: {error}") from error
    event = plan.events[place] if place is not None and plan.events else ""
    inside = shot.inside(place) if place is not None and point.policy.shape == "onion" else None
    return Case(shot.dispatch, point, event, made, inside)


def _live(point: Point, args: tuple[Any, ...]) -> dict[str, Any]:
    return {} if point.snapshot is None else dict(point.snapshot(*args))


def _parts(point: Point, args: tuple[Any, ...]) -> dict[str, Any]:
    copied: dict[str, Any] = copy_of(_live(point, args))
    return copied


def _restored(point: Point, args: tuple[Any, ...], wanted: Mapping[str, Any]) -> tuple[Any, ...]:
    """Put the parts of an event back to what they were; the arguments then."""
    live = _live(point, args)
    now: dict[str, Any] = copy_of(live)
    first = args[0] if args else None
    if isinstance(first, MutableMapping):
        for name in now.keys() - wanted.keys():
            first.pop(name, None)
        for name in wanted.keys() - now.keys():
            first[name] = copy_of(wanted[name])
    edited: dict[str, Any] = {}
    for name in now.keys() & wanted.keys():
        if same(now[name], wanted[name]) or not _is_own(point, first, name, live[name]):
            continue
        if not all(_is_plain(change.after) for change in difference(now[name], wanted[name])):
            raise NotRemade(f"what {name} held is known as a text only")
        edited[name] = wanted[name]
    return put_back(point, args, edited, shown_as=copy_of)


def _is_own(point: Point, first: Any, name: str, value: Any) -> bool:
    """Whether a part is an argument or a member of the first one; some are made for showing."""
    if name in point.parameters:
        return True
    held = first.get(name) if isinstance(first, Mapping) else getattr(first, name, None)
    return held is value


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN)
