"""Snapshots of some events: what their payload and context held before the first hook and after each one.

Copying costs more than most hooks do, so only so many events a second get one, and fewer where what is copied
is so large that it would take too much of the time; the first ones always do. What an event's *parts* are
(``message``, ``context`` ...) says its hook point.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.trace.changes import Change, difference
from workbench.trace.copies import Copier, Opaque, holds, same
from workbench.trace.samples import Sample, Samples

__all__ = ["SHARE", "Shot", "Snapshots", "Step"]

SHARE = 0.02
"""Which part of the time copying may take in the long run."""

_EVENT_BYTES = 500
"""What an event costs besides its copies."""

_AT_ONCE = 100_000_000
"""Nanoseconds of copying that may come at once after a quiet time."""


class _Allowance:
    """A token bucket without a bucket: all it knows is the stamp at which it would be full again.

    Parameters
    ----------
    tolerance
        How far ahead of now that may be for more to be taken, ns.
    """

    __slots__ = ("_full", "_tolerance", "due")

    def __init__(self, tolerance: int) -> None:
        self._full = 0
        self._tolerance = tolerance
        self.due = 0  # nothing may be taken before this stamp

    def take(self, now: int, cost: int) -> None:
        """Take what it takes so many ns to fill in again."""
        self._full = max(self._full, now) + cost
        self.due = self._full - self._tolerance


class Step:
    """The state of one event's parts after one hook.

    Attributes
    ----------
    position
        Position of the hook in the plan, from 0; -1 for the state before the first one, and after the core
        of an onion.
    parts
        Copies of the named parts. Shared with the step before where nothing changed.
    """

    __slots__ = ("parts", "position")

    def __init__(self, position: int, parts: dict[str, Any]) -> None:
        self.position = position
        self.parts = parts

    def __repr__(self) -> str:
        return f"Step({self.position}, {self.parts!r})"


class Shot:
    """The snapshots of one event, taken by the traced plan while it runs; no method raises.

    Attributes
    ----------
    dispatch
        Id of the event.
    plan
        The plan that runs.
    steps
        The state before the first hook, then one entry per finished hook, in the order of their ends. A hook
        around others has one more for what it did before them.
    size
        Approximate bytes of all copies.
    """

    __slots__ = ("_owner", "dispatch", "plan", "size", "steps")

    def __init__(self, owner: Snapshots, dispatch: int, plan: Any, parts: dict[str, Any], size: int) -> None:
        self._owner = owner
        self.dispatch = dispatch
        self.plan = plan
        self.steps = [Step(-1, parts)]
        self.size = size

    def step(self, position: int, args: Sequence[Any]) -> bool:
        """Note what the parts hold now that the hook at `position` has finished.

        Parameters
        ----------
        position
            Position of the hook in the plan, from 0; -1 for the core of an onion.
        args
            The arguments as they stand now: a reducer may have put another object in the place of the first.

        Returns
        -------
        bool
            Whether they hold anything else than at the step before.
        """
        begun = time.thread_time_ns()
        last = self.steps[-1].parts
        parts, size, _ = _parts(self.plan, args, last)
        changed = not same(last, parts)
        self.steps.append(Step(position, parts if changed else last))
        self._owner.grown(self, size if changed else 0, begun)
        return changed

    def end(self) -> None:
        """Say that the event has ended; steps that come later (spawned hooks) are still taken."""

    def before(self, position: int) -> dict[str, Any]:
        """Return what the parts held when the hook at `position` began, as far as is known."""
        steps = list(self.steps)
        own = [index for index, step in enumerate(steps) if step.position == position and index]
        return steps[own[0] - 1 if own else -1].parts

    def inside(self, position: int) -> dict[str, Any] | None:
        """Return what the parts held when everything inside an around hook had ended; None: it stayed out."""
        steps = list(self.steps)
        own = [index for index, step in enumerate(steps) if step.position == position and index]
        return steps[own[-1] - 1].parts if len(own) > 1 else None

    def changes(self) -> list[tuple[int, list[Change]]]:
        """Return what each hook changed: pairs of its position and the differences to the step before.

        A hook around others comes twice, where it went inwards and where it ended. What the core of an onion
        changed is left out.
        """
        pairs = zip(self.steps, self.steps[1:], strict=False)
        return [
            (after.position, difference(before.parts, after.parts))
            for before, after in pairs
            if after.position >= 0
        ]


class Snapshots:
    """Takes and keeps snapshots, at a bounded rate and in bounded memory.

    Parameters
    ----------
    rate
        Events a second that get a snapshot in the long run; 0 for none.
    burst
        How many may come at once after a quiet time; None for one second's worth, at least 1.
    share
        Which part of the time copying may take in the long run, above 0 and up to 1. Events whose copies are
        large get fewer snapshots than the rate allows, but for the first tenth of a second of copying.
    events
        How many events are kept; beyond it the oldest go.
    memory
        Approximate bytes that are kept; beyond it the oldest go.

    Attributes
    ----------
    due
        `time.perf_counter_ns` stamp before which :meth:`want` refuses. A caller that has read the clock
        anyway compares first, and saves the call.
    taken, dropped
        Events that got a snapshot, and those among them that are gone again for want of room.
    """

    def __init__(
        self,
        *,
        rate: float = 100.0,
        burst: int | None = None,
        share: float = SHARE,
        events: int = 2_000,
        memory: int = 32 * 1024 * 1024,
    ) -> None:
        self.events = events
        self.memory = memory
        self.taken = 0
        self.dropped = 0
        self.size = 0
        """Approximate bytes kept now."""
        self._lock = threading.Lock()
        self._shots: OrderedDict[int, Shot] = OrderedDict()
        self.has: Callable[[int], bool] = self._shots.__contains__
        """Tells whether an event has a snapshot, in one call that is none of Python's."""
        self._samples = Samples()
        self.limit(rate, burst, share)

    def limit(self, rate: float, burst: int | None = None, share: float = SHARE) -> None:
        """Set how many events a second get a snapshot; see the class for the three numbers.

        Raises
        ------
        ValueError
            `rate` is negative, `burst` is below 1, or `share` is not above 0 and up to 1.
        """
        if rate < 0 or (burst is not None and burst < 1):
            raise ValueError(
                f"Snapshots need a rate of 0 or more and a burst of 1 or more; got {rate!r}, {burst!r}."
            )
        if not 0 < share <= 1:
            raise ValueError(
                f"Copying may take a share of the time above 0 and up to 1, such as 0.02; got {share!r}."
            )
        self.rate = rate
        self.burst = max(1, round(rate)) if burst is None else burst
        self.share = share
        self._interval = round(1e9 / rate) if rate else 0
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._rated = _Allowance(self._interval * (self.burst - 1))
        self._copying = _Allowance(round(_AT_ONCE / self.share))
        self.due = 0 if self.rate else 1 << 62

    def want(self, plan: Any, now: int | None = None) -> bool:
        """Whether the event that starts now shall get a snapshot; a yes is counted against the rate.

        Parameters
        ----------
        plan
            The plan that is about to run. Points without a `snapshot` function have nothing to show.
        now
            `time.perf_counter_ns`, where the caller has just read it.
        """
        if now is None:
            now = time.perf_counter_ns()
        if now < self.due or plan.point.snapshot is None:
            return False
        self._rated.take(now, self._interval)
        self.due = max(self._rated.due, self._copying.due)
        return True

    def begin(self, dispatch: int, plan: Any, args: Sequence[Any]) -> Shot:
        """Take the first snapshot of an event, before any hook has run; never raises.

        Parameters
        ----------
        dispatch
            Id of the event.
        plan
            The plan that is about to run.
        args
            What its hooks will be given.
        """
        begun = time.thread_time_ns()
        parts, size, whole = _parts(plan, args)
        shot = Shot(self, dispatch, plan, parts, size)
        with self._lock:
            self.taken += 1
            self._shots[dispatch] = shot
            self.size += size + _EVENT_BYTES
            self._trim()
            if whole:
                self._samples.keep(shot, args)
            self._spent(begun)
        return shot

    def samples(self, wanted: Callable[[Any], bool]) -> list[Sample]:
        """Give newest events that were copied whole, the newest first, with the arguments of their hooks.

        Parameters
        ----------
        wanted
            Tells of a plan whether its events are meant.
        """
        with self._lock:
            return self._samples.newest(wanted)

    def grown(self, shot: Shot, size: int, begun: int) -> None:
        """Count what a step of an event has added.

        Parameters
        ----------
        shot
            The event's.
        size
            Bytes of its copies; 0 where nothing had changed.
        begun
            What the thread's own clock (`time.thread_time_ns`) said when the step began.
        """
        with self._lock:
            shot.size += size
            if size and self._shots.get(shot.dispatch) is shot:  # a long event may outlive its place here
                self.size += size
                self._trim()
            self._spent(begun)

    def _spent(self, begun: int) -> None:
        """Count what copying took against its share of the time. Called with the lock held.

        It is the thread's own time: that a cell computes meanwhile, and lets this wait, is not its doing.
        """
        spent = time.thread_time_ns() - begun
        self._copying.take(time.perf_counter_ns(), round(spent / self.share))
        self.due = max(self.due, self._copying.due)

    def _trim(self) -> None:
        while len(self._shots) > 1 and (len(self._shots) > self.events or self.size > self.memory):
            _, shot = self._shots.popitem(last=False)
            self.size -= shot.size + _EVENT_BYTES
            self.dropped += 1

    def get(self, dispatch: int) -> Shot | None:
        """Return the snapshots of one event; None when it has none (any more)."""
        return self._shots.get(dispatch)

    def newest(self) -> Shot | None:
        """Return the newest event's; None when there is none."""
        with self._lock:
            return next(reversed(self._shots.values()), None)

    def __len__(self) -> int:
        return len(self._shots)

    def clear(self) -> None:
        """Forget all; the next events get one at once."""
        with self._lock:
            self._shots.clear()
            self._samples.clear()
            self.size = self.taken = self.dropped = 0
            self._begin_anew()


def _parts(
    plan: Any, args: Sequence[Any], last: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], int, bool]:
    """Copy the named parts of an event, and say how large the copies are and whether they are whole.

    A part that holds what the last copy of it does is not copied again.
    """
    copier, known = Copier(), last or {}
    try:
        named = plan.point.snapshot(*args)
        if not isinstance(named, Mapping):
            named = {"value": named}
        parts = {
            name: known[name] if name in known and holds(known[name], value) else copier.copy(value)
            for name, value in ((str(name), value) for name, value in named.items())
        }
    except Exception as error:  # noqa: BLE001 - a snapshot must never break the event it is taken of
        parts = {"...": Opaque(f"<no snapshot: {type(error).__name__}>")}
        copier.whole = False
    return parts, copier.size, copier.whole
