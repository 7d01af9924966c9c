"""One dispatch on the general road: nested, awaited, snapshotted, or run by an unusual policy."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextvars import ContextVar, Token
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from workbench.engine.tracing import Shot, Slots
from workbench.trace.outcomes import CANCELLED, CHANGED, OK, PENDING, RAISED, SKIPPED, STOPPED, outcome_of
from workbench.trace.stepping import stepped

if TYPE_CHECKING:
    from workbench.trace.probe import PlanProbe
    from workbench.trace.turning import TurningRun

__all__ = ["INSIDE", "Inside", "Story", "TracedRun"]


Inside: TypeAlias = "tuple[TracedRun | TurningRun | Story, int] | None"

INSIDE: ContextVar[Inside] = ContextVar("workbench call", default=None)
"""The awaited call in whose step a task was started; what runs in that task belongs to the call.

Or a story in which no hook runs, with the position -1.
"""


class Story:
    """The time in which what is dispatched are the children of the first one; see `Recorder.story`.

    Parameters
    ----------
    slots
        What runs in which thread.

    Attributes
    ----------
    dispatch
        Id of the first one, or of the dispatch in whose hook all this happens; -1 before there is any.
    """

    __slots__ = ("_slots", "_token", "changed", "dispatch")

    def __init__(self, slots: Slots) -> None:
        self.dispatch = -1
        self.changed = 0  # what nobody's hook changes is nobody's doing
        self._slots = slots
        self._token: Token[Inside] | None = None

    def __enter__(self) -> Story:  # noqa: PYI034 - the one that goes on
        """Begin, unless a hook runs here, or another story goes on: then that is the one."""
        self.dispatch, inside = self._slots.slot.dispatch or -1, INSIDE.get()
        if self.dispatch < 0:
            if inside is None:
                self._token = INSIDE.set((self, -1))
            elif isinstance(inside[0], Story):
                return inside[0]
            else:
                self.dispatch = inside[0].dispatch
        return self

    def __exit__(self, *_: object) -> None:
        """End what was begun."""
        if self._token is not None:
            INSIDE.reset(self._token)


class TracedRun:
    """A dispatch that is being recorded; the engine's `Run`.

    Parameters
    ----------
    probe
        Of the plan that runs.
    dispatch
        Its id.
    connection
        Number of the connection, -1 for none.
    parent
        Id of the dispatch in whose hook this one began, -1 for none.
    start
        When it began, perf ns.
    """

    __slots__ = (
        "__weakref__", "changed", "connection", "dispatch", "ends", "error", "finished", "outcomes", "parent",
        "probe", "shot", "start", "starts", "works",
    )  # fmt: skip

    def __init__(self, probe: PlanProbe, dispatch: int, connection: int, parent: int, start: int) -> None:
        count = len(probe.plan.hooks)
        self.probe = probe
        self.dispatch = dispatch
        self.connection = connection
        self.parent = parent
        self.start = start
        self.starts = [0] * count  # 0: not begun
        self.ends = [0] * count  # 0: not done
        self.works = [0] * count  # ns in which the hook itself ran
        self.outcomes = [SKIPPED] * count
        self.changed = 0  # bit n: something changed in hook n
        self.shot: Shot | None = None
        self.finished = False
        self.error: BaseException | None = None

    # -- what the general runners call ------------------------------------------------------------

    def begin(self, position: int) -> None:
        """See `Run`."""
        self.starts[position] = self.enter(position)
        self.outcomes[position] = PENDING

    def ended(self, position: int) -> None:
        """See `Run`."""
        self.ends[position] = self.leave(position)
        self.outcomes[position] = OK

    def raised(self, position: int, error: BaseException) -> None:
        """See `Run`."""
        self.ends[position] = self.leave(position)
        self._failed(position, error)

    def suspended(self, position: int) -> None:
        """See `Run`."""
        self.leave(position)

    def stopped(self, position: int) -> None:
        """See `Run`."""
        self.outcomes[position] = STOPPED

    def changes(self, position: int) -> None:
        """See `Run`."""
        self.changed |= 1 << position

    def step(self, position: int, awaitable: Any) -> Awaitable[Any]:
        """See `Run`."""
        return stepped(self, position, awaitable)

    def finish(self, error: BaseException | None = None) -> None:
        """See `Dispatched`."""
        if self.finished:
            return
        self.error = error
        if self.shot is not None:
            self.shot.end()
        self.probe.recorder.finished(self)

    def __del__(self) -> None:
        """Record also what nobody awaited to its end: nothing is dropped silently."""
        self.finish(GeneratorExit())

    # -- what stepping calls ----------------------------------------------------------------------

    def step_in(self, position: int) -> Token[Inside]:
        """A step of an awaited hook begins; tasks that it starts inherit INSIDE."""
        token: Token[Inside] = INSIDE.set((self, position))
        self.enter(position)
        return token

    def step_out(self, position: int, token: Token[Inside]) -> None:
        """The step is over."""
        self.leave(position)
        INSIDE.reset(token)

    def enter(self, position: int) -> int:
        """Make this call the current one of the thread; when that was, perf ns."""
        slot = self.probe.slots.slot
        now = self.probe.clock()
        slot.stack.append((slot.dispatch, slot.position, slot.changed, slot.run, slot.clock))
        slot.dispatch = self.dispatch
        slot.position = position
        slot.changed = 0
        slot.run = self
        slot.clock = now
        return now

    def leave(self, position: int) -> int:
        """Give the thread back to what ran before; when that was, perf ns."""
        slot = self.probe.slots.slot
        now = self.probe.clock()
        self.works[position] += now - slot.clock
        self.changed |= slot.changed
        slot.dispatch, slot.position, slot.changed, slot.run, slot.clock = slot.stack.pop()
        return now

    def done(self, position: int, error: BaseException | None) -> None:
        """Note that an awaited hook is through."""
        self.ends[position] = self.probe.clock()
        if error is None:
            self.outcomes[position] = OK
        else:
            self._failed(position, error)

    # -- what the recorder reads ------------------------------------------------------------------

    def told(self) -> TracedRun:
        """Give what is known so far, call by call."""
        return self

    def write(self, end: int) -> None:
        """Write down what has ended.

        Parameters
        ----------
        end
            When, perf ns.
        """
        self.close(end)
        self.probe.write(self, end)

    def adopt(self, stamps: tuple[int, ...], changed: int) -> None:
        """Take hooks over that ran on the fast road.

        Parameters
        ----------
        stamps
            Start of the dispatch, then the end of each hook.
        changed
            In which of them something changed.
        """
        self.changed = changed
        for position, (start, end) in enumerate(pairwise(stamps)):
            self.starts[position] = start
            self.ends[position] = end
            self.works[position] = end - start
            self.outcomes[position] = OK

    def pending(self, position: int) -> None:
        """Say that a hook taken over has only begun."""
        self.ends[position] = 0
        self.outcomes[position] = PENDING

    def outcome(self, position: int) -> int:
        """Give the outcome of one call as it stands."""
        outcome = self.outcomes[position]
        return CHANGED if outcome == OK and self.changed >> position & 1 else outcome

    def whole(self) -> int:
        """Give the outcome of the dispatch."""
        if self.error is not None:
            return outcome_of(self.error)
        if STOPPED in self.outcomes:
            return STOPPED
        return CHANGED if self.changed else OK

    def close(self, end: int) -> None:
        """Decide about calls that have no end.

        Parameters
        ----------
        end
            When the dispatch was over, perf ns.
        """
        if 0 in self.ends:
            for position in range(len(self.probe.plan.hooks)):
                if not self.starts[position]:
                    self.starts[position] = self.ends[position] = end
                elif not self.ends[position]:
                    self.ends[position] = end
                    self.outcomes[position] = CANCELLED
        if self.changed:
            for position in range(len(self.probe.plan.hooks)):
                self.outcomes[position] = self.outcome(position)

    def calls(self) -> Iterator[tuple[int, int, int, int]]:
        """Give start, end, ns of work and outcome of each hook's call, of a dispatch that is over."""
        return zip(self.starts, self.ends, self.works, self.outcomes, strict=True)

    def wait(self, position: int) -> int:
        """Give the ns in which the hook was not working; 0 for one that never began."""
        return max(self.ends[position] - self.starts[position] - self.works[position], 0)

    def _failed(self, position: int, error: BaseException) -> None:
        self.outcomes[position] = outcome = outcome_of(error)
        if outcome == RAISED:
            self.probe.recorder.note_error(self.probe.plan, self.dispatch, position, error)
