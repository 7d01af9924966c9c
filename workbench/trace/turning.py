"""One dispatch of an onion: a log of turns, who was at work since when.

Hooks that lie inside of one another take turns, and the end of one's turn is the begin of the next one's.
Where everything happened as the plan says (no wait, no error, no stop), the log is written down as it stands;
else it is made into a `TracedRun`, the form that readers know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import Token
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.onion import CORE, NOBODY, WAITING
from workbench.engine.tracing import Shot, Slot
from workbench.trace.outcomes import CHANGED, OK, PENDING, RAISED, SKIPPED, STOPPED, outcome_of
from workbench.trace.runs import INSIDE, Inside, TracedRun
from workbench.trace.stepping import stepped

if TYPE_CHECKING:
    from workbench.trace.recorder import PlanProbe

__all__ = ["Layout", "TurningRun"]

_LAST: Final = -1


class Layout:
    """Where a log of turns that went as the plan says has what each hook did.

    Parameters
    ----------
    hooks
        How many there are.
    turns
        The log: whose turn it was, one after the other.

    Attributes
    ----------
    turns
        The same.
    goes_around
        For each hook whether others lie inside of it.
    """

    __slots__ = ("_ends", "_inside", "_outcomes", "_starts", "goes_around", "turns")

    def __init__(self, hooks: int, turns: Sequence[int]) -> None:
        self.turns = list(turns)
        places: list[list[int]] = [[] for _ in range(hooks)]
        for place, turn in enumerate(turns):
            if turn >= 0:
                places[turn].append(place)
        self.goes_around = [len(found) > 1 for found in places]
        self._starts = _picks([found[0] if found else _LAST for found in places])
        self._ends = _picks([found[-1] + 1 if found else _LAST for found in places])
        self._outcomes = [OK if found else SKIPPED for found in places]
        self._inside = [
            (position, found[0] + 1, found[-1])
            for position, found in enumerate(places)
            if self.goes_around[position]
        ]

    def calls(self, stamps: list[int]) -> list[int]:
        """Give start, end, and ns that it waited with its outcome below them, hook by hook: a record's words.

        Parameters
        ----------
        stamps
            When each turn began; at last, when all was over. Perf ns.
        """
        words = self._outcomes * 3
        words[::3] = self._starts(stamps)
        words[1::3] = self._ends(stamps)
        words[2::3] = self._outcomes
        for position, begin, end in self._inside:
            words[3 * position + 2] |= (stamps[end] - stamps[begin]) << 3
        return words


def _picks(places: list[int]) -> Callable[[list[int]], tuple[int, ...]]:
    """Make what picks the stamps at some places."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda stamps: tuple([stamps[place] for place in places])


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
        "__weakref__", "_args", "_clock", "_layout", "_outcomes", "_places", "_slot", "_stamps", "changed",
        "connection", "dispatch", "error", "finished", "parent", "probe",
        "shot", "start",
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
        self._clock: Callable[[], int] = probe.clock
        self._slot: Slot = probe.slots.slot
        self._places: list[int] = []
        self._stamps: list[int] = []
        self._outcomes: dict[int, int] = {}  # other than OK
        self.finished = False

    # -- what the engine calls --------------------------------------------------------------------

    def turn(self, position: int) -> None:
        """See `Turning`."""
        self._places.append(position)
        self._stamps.append(self._clock())
        slot = self._slot
        if slot.run is self:
            slot.position = position
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

    def enter(self, position: int) -> Token[Inside]:
        """See `Turning`."""
        self._slot = slot = self.probe.slots.slot
        slot.stack.append((slot.dispatch, slot.position, slot.changed, slot.run, slot.clock))
        slot.dispatch = self.dispatch
        slot.changed = 0
        slot.run = self
        slot.position = position
        return INSIDE.set((self, position))

    def leave(self, token: Token[Inside]) -> int:
        """See `Turning`."""
        slot = self._slot
        self.changed |= slot.changed
        position = slot.position
        if not self.finished:
            self.probe.recorder.started(self)  # before the thread leaves it: it is never in neither place
        slot.dispatch, slot.position, slot.changed, slot.run, slot.clock = slot.stack.pop()
        INSIDE.reset(token)
        if not self.finished:
            self.turn(WAITING)
        return position

    def whose(self) -> int:
        """See `Turning`."""
        return self._slot.position

    def part(self, awaitable: Any, position: int) -> Any:
        """See `Turning`."""
        if self.probe.slots.slot.run is self:
            return awaitable
        return stepped(_Part(self, position), NOBODY, awaitable)

    def rest(self) -> None:
        """Take the last wait back: a part has ended."""
        if not self.finished:
            self._places[-1] = NOBODY

    def finish(self, error: BaseException | None = None) -> None:
        """See `Dispatched`."""
        if self.finished:
            return
        self.error = error
        if self.shot is not None:
            self.shot.end()
        if self._slot.run is self:
            self.changed |= self._slot.changed
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
        probe, changed = self.probe, self.changed
        if self._places != self._layout.turns or self._outcomes or self.error is not None:
            probe.write(self.told(end), end)
            return
        self._stamps.append(end)
        words = self._layout.calls(self._stamps)
        whole = self.connection << 3 | (CHANGED if changed else OK)
        at = 2
        while changed:
            words[at] |= changed & CHANGED
            changed >>= 1
            at += 3
        probe.full.write(self.dispatch, self.start, self.parent, end, whole, *words)

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
        now = end or self._clock()
        log = [*zip(self._places, self._stamps, strict=False), (NOBODY if end else WAITING, now)]
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

    def step_in(self, _position: int) -> Token[Inside]:
        """It goes on with whoever had the turn."""
        token = self._run.enter(self._position)
        self._run.turn(self._position)
        return token

    def step_out(self, _position: int, token: Token[Inside]) -> None:
        """It waits, or is through."""
        self._position = self._run.leave(token)

    def done(self, position: int, error: BaseException | None) -> None:  # noqa: ARG002 - as steppers are told
        """It does not wait any more; what it came to concerns its layers alone."""
        self._run.rest()
