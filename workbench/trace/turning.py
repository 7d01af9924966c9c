"""One dispatch of an onion: a log of turns, who was at work since when.

Hooks that lie inside of one another take turns, and the end of one's turn is the begin of the next one's.
Where everything happened as the plan says (no wait, no error, no stop), the log is written down as it stands;
else it is made into a `TracedRun`, the form that readers know.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.engine.onion import CORE, NOBODY, WAITING
from workbench.engine.tracing import Shot, Slot
from workbench.trace.outcomes import CHANGED, OK, PENDING, RAISED, SKIPPED, STOPPED, outcome_of
from workbench.trace.rings import FULL_HEAD, Form, Ring, Store, Table
from workbench.trace.runs import INSIDE, Inside, TracedRun
from workbench.trace.stepping import stepped

if TYPE_CHECKING:
    from workbench.engine.plan import Plan
    from workbench.trace.probe import PlanProbe

__all__ = ["Layout", "TurningRun"]

_LAST: Final = -1
_HEAD: Final = 5
_WIDE: Final = 1 << 63


class Layout:
    """What a log of turns that went as the plan says is written as, and where it has what each hook did.

    Parameters
    ----------
    plan
        Whose hooks.
    turns
        The log: whose turn it was, one after the other.
    store
        Where the records go.

    Attributes
    ----------
    turns
        The same.
    goes_around
        For each hook whether others lie inside of it.
    write
        Called with the words of a record; the stamps are when each turn began, and at last when all was
        over::

            id, start, parent, connection << 3 | outcome, changed, stamp, stamp, ...
    """

    __slots__ = (
        "_around", "_back", "_ends", "_inside", "_outcomes", "_starts", "goes_around", "turns",
        "write",
    )  # fmt: skip

    def __init__(self, plan: Plan, turns: Sequence[int], store: Store) -> None:
        self.turns = list(turns)
        places: list[list[int]] = [[] for _ in plan.hooks]
        for place, turn in enumerate(turns):
            if turn >= 0:
                places[turn].append(place)
        self.goes_around = [len(found) > 1 for found in places]
        self._starts = np.array([found[0] if found else _LAST for found in places])
        self._ends = np.array([found[-1] + 1 if found else _LAST for found in places])
        self._outcomes = np.array([OK if found else SKIPPED for found in places])
        self._around = np.flatnonzero(self.goes_around)
        self._inside = self._starts[self._around] + 1  # where the turns of others begin
        self._back = self._ends[self._around] - 1
        form = Form(plan, _HEAD + len(turns) + 1, full=True, told=self._told)
        self.write = Ring(store, form).write

    def _told(self, table: Table) -> Table:
        """Make full records of those that were written."""
        hooks = len(self._outcomes)
        changed, stamps = table[:, 4:_HEAD], table[:, _HEAD:]
        calls = self._outcomes | (changed >> np.arange(hooks) & CHANGED)
        calls[:, self._around] |= (stamps[:, self._back] - stamps[:, self._inside]) << 3
        rows = np.empty((len(table), FULL_HEAD + 3 * hooks), np.int64)
        rows[:, :3] = table[:, :3]
        rows[:, 3] = stamps[:, _LAST]
        rows[:, 4] = table[:, 3]
        rows[:, FULL_HEAD::3] = stamps[:, self._starts]
        rows[:, FULL_HEAD + 1 :: 3] = stamps[:, self._ends]
        rows[:, FULL_HEAD + 2 :: 3] = calls
        return rows


class TurningRun:
    """A dispatch of an onion that is being recorded; the engine's `Turning`.

    Parameters
    ----------
    probe, dispatch, connection, parent, start
        As of `TracedRun`.
    args
        The event's arguments, for snapshots.
    layout
        Whose turn it is, one after the other, where everything happens as the plan says, and what that tells.
    """

    __slots__ = (
        "__weakref__", "_args", "_layout", "_outcomes", "changed", "connection", "dispatch", "error",
        "finished", "parent", "places", "probe", "shot", "slot", "stamps", "start",
    )  # fmt: skip

    def __init__(
        self,
        probe: PlanProbe,
        dispatch: int,
        connection: int,
        parent: int,
        start: int,
        args: tuple[Any, ...],
        layout: Layout,
    ) -> None:
        self.probe = probe
        self.dispatch = dispatch
        self.connection = connection
        self.parent = parent
        self.start = start
        self.changed = 0  # bit n: something changed in hook n
        self.shot: Shot | None = None
        self.finished = True  # until all is there: a stack that is full may end this anywhere
        self.error: BaseException | None = None
        self._args = args
        self._layout = layout
        self.slot: Slot = probe.slots.slot
        self.places: list[int] = []
        self.stamps: list[int] = []
        self._outcomes: dict[int, int] = {}  # other than OK
        self.finished = False

    # -- what the engine calls --------------------------------------------------------------------

    def turn(self, position: int) -> None:
        """See `Turning`."""
        self.places.append(position)
        self.stamps.append(self.probe.clock())
        slot = self.slot
        if slot.run is self:
            slot.position = position
            if position > NOBODY:
                INSIDE.set((self, position))

    def raised(self, position: int, error: BaseException) -> None:
        """See `Turning`."""
        self.turn(NOBODY)
        self._outcomes[position] = outcome = outcome_of(error)
        if outcome == RAISED:
            self.probe.recorder.note_error(self.probe.plan, self.dispatch, position, error)
        if position != CORE:
            self.look(position)

    def stopped(self, position: int) -> None:
        """See `Turning`."""
        self._outcomes[position] = STOPPED

    def look(self, position: int) -> None:
        """See `Turning`."""
        if self.shot is not None:
            self.turn(NOBODY)  # the copy is the trace's time, not the hook's
            if self.shot.step(position, self._args) and position >= 0:
                self.changed |= 1 << position

    def enter(self, position: int) -> Inside:
        """See `Turning`."""
        self.slot = slot = self.probe.slots.slot
        slot.stack.append((slot.dispatch, slot.position, slot.changed, slot.run, slot.clock))
        slot.dispatch = self.dispatch
        slot.changed = 0
        slot.run = self
        slot.position = position
        return INSIDE.get()

    def leave(self, outside: Inside) -> int:
        """See `Turning`."""
        slot = self.slot
        self.changed |= slot.changed
        position = slot.position
        if not self.finished:
            self.probe.recorder.started(self)  # before the thread leaves it: it is never in neither place
        slot.dispatch, slot.position, slot.changed, slot.run, slot.clock = slot.stack.pop()
        INSIDE.set(outside)
        if not self.finished:
            self.turn(WAITING)
        return position

    def whose(self) -> int:
        """See `Turning`."""
        return self.slot.position

    def part(self, awaitable: Any, position: int) -> Any:
        """See `Turning`."""
        if self.probe.slots.slot.run is self:
            return awaitable
        return stepped(_Part(self, position), NOBODY, awaitable)

    def rest(self) -> None:
        """Take the last wait back: a part has ended."""
        if not self.finished:
            self.places[-1] = NOBODY

    def finish(self, error: BaseException | None = None) -> None:
        """See `Dispatched`."""
        if self.finished:
            return
        self.error = error
        if self.shot is not None:
            self.shot.end()
        if self.slot.run is self:
            self.changed |= self.slot.changed
        self.probe.recorder.finished(self)

    def __del__(self) -> None:
        """Record also what nobody awaited to its end: nothing is dropped silently."""
        if not self.finished:
            self.finish(GeneratorExit())

    # -- what the recorder reads ------------------------------------------------------------------

    def write(self, end: int) -> None:
        """Write down what has ended.

        Parameters
        ----------
        end
            When, perf ns.
        """
        changed = self.changed
        if self.places != self._layout.turns or self._outcomes or self.error is not None or changed >= _WIDE:
            self.probe.write(self.told(end), end)
            return
        whole = self.connection << 3 | (CHANGED if changed else OK)
        self._layout.write([self.dispatch, self.start, self.parent, whole, changed, *self.stamps, end])

    def told(self, end: int = 0) -> TracedRun:
        """Give what is known so far, call by call.

        Parameters
        ----------
        end
            When the dispatch was over, perf ns; 0 while it is not.
        """
        probe = self.probe
        run = TracedRun(probe, self.dispatch, self.connection, self.parent, self.start)
        run.changed, run.error, run.finished = self.changed, self.error, True
        around = self._layout.goes_around
        now = end or probe.clock()
        log = [*zip(self.places, self.stamps, strict=False), (NOBODY if end else WAITING, now)]
        for (place, stamp), (follower, until) in pairwise(log):
            if place < 0:
                continue
            run.starts[place] = run.starts[place] or stamp
            run.works[place] += until - stamp
            goes_on = follower == WAITING or (around[place] and follower != NOBODY)
            run.ends[place] = 0 if goes_on and place not in self._outcomes else until
            run.outcomes[place] = self._outcomes.get(place, PENDING if goes_on else OK)
        if end:
            run.close(end)
        return run


class _Part:
    """A part of a dispatch that runs on its own, as its steps are reported."""

    __slots__ = ("_position", "_run")

    def __init__(self, run: TurningRun, position: int) -> None:
        self._run = run
        self._position = position

    def step_in(self, _position: int) -> Inside:
        """It goes on with whoever had the turn."""
        outside = self._run.enter(self._position)
        self._run.turn(self._position)
        return outside

    def step_out(self, _position: int, outside: Inside) -> None:
        """It waits, or is through."""
        self._position = self._run.leave(outside)

    def done(self, position: int, error: BaseException | None) -> None:  # noqa: ARG002 - as steppers are told
        """It does not wait any more; what it came to concerns its layers alone."""
        self._run.rest()
