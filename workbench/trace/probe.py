"""A plan's end of the recorder: what its dispatches are put on record by."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.engine.tracing import told_in
from workbench.trace.outcomes import STOPPED, outcome_of
from workbench.trace.rings import Ring, full_form, plain_form
from workbench.trace.runs import INSIDE, TracedRun
from workbench.trace.turning import Layout, TurningRun

if TYPE_CHECKING:
    from workbench.engine.plan import Plan
    from workbench.trace.recorder import Recorder

__all__ = ["PlanProbe"]


class PlanProbe:
    """The engine's `Probe`.

    Parameters
    ----------
    recorder
        Whose.
    plan
        Which plan.
    """

    __slots__ = (
        "_full",
        "_plain",
        "clock",
        "inside",
        "next_id",
        "pack",
        "plan",
        "put_inside",
        "recorder",
        "slots",
        "tracer",
    )

    def __init__(self, recorder: Recorder, plan: Plan) -> None:
        self.recorder = self.tracer = recorder
        self.plan = plan
        self.slots = recorder.slots
        self.clock = recorder.clock
        self.next_id = recorder.next_id
        self.inside, self.put_inside = INSIDE.get, INSIDE.set
        self._plain = Ring(recorder.store, plain_form(plan))
        self._full: Ring | None = None
        self.pack = self._plain.pack

    @property
    def ring(self) -> Ring:
        """Where plain records go."""
        return self._plain

    @property
    def full(self) -> Ring:
        """Where full records go."""
        ring = self._full
        if ring is None:
            with self.recorder.store.lock:
                ring = self._full = self._full or Ring(self.recorder.store, full_form(self.plan))
        return ring

    def refill(self, *fields: int) -> None:
        """See `Probe`."""
        self._plain.refill(*fields)

    def open(
        self, connection: int, args: tuple[Any, ...], *, dispatch: int = 0, shot: bool = False
    ) -> TracedRun:
        """See `Probe`."""
        number = dispatch or self.next_id()
        start = self.clock()
        run = TracedRun(self, number, connection, self._parent(number), start)
        self._shoot(run, args, sure=shot)
        self.recorder.started(run)
        return run

    def turning(
        self, turns: list[int], *, held: bool = False
    ) -> Callable[[int, tuple[Any, ...]], TurningRun]:
        """See `Probe`."""
        plan, recorder, next_id, clock = self.plan, self.recorder, self.next_id, self.clock
        layout = Layout(plan, turns, recorder.store)
        shown = plan.point.snapshot is not None

        def begin(connection: int, args: tuple[Any, ...]) -> TurningRun:
            number = next_id()
            start = clock()
            run = TurningRun(self, number, connection, self._parent(number), start, args, layout)
            taker = recorder.snapshots
            if shown and taker is not None and start >= taker.due:
                self._shoot(run, args)
            if held:  # else it is started when it waits for the first time
                recorder.started(run)
            return run

        return begin

    def _parent(self, number: int) -> int:
        """Give the dispatch that caused a new one, -1 for none: then it is the root of its story."""
        slot = self.slots.slot
        if slot.dispatch:
            return slot.dispatch
        inside = INSIDE.get()
        if inside is not None and inside[0].dispatch >= 0:
            return inside[0].dispatch
        parent = -1 if slot.story is None else told_in(slot.story, number)
        if parent < 0 and inside is not None:
            inside[0].dispatch = number
        return parent

    def _shoot(self, run: TracedRun | TurningRun, args: tuple[Any, ...], *, sure: bool = False) -> None:
        """Begin the snapshots of a dispatch, where it gets any."""
        taker, plan = self.recorder.snapshots, self.plan
        if taker is None or plan.point.snapshot is None:
            return
        if sure or (run.start >= taker.due and taker.want(plan, run.start)):
            run.shot = taker.begin(run.dispatch, plan, args)
            run.start = self.clock()  # the first copy is the trace's time, not the event's

    def adopt(self, dispatch: int, connection: int, stamps: tuple[int, ...], changed: int) -> TracedRun:
        """See `Probe`."""
        run = TracedRun(self, dispatch, connection, told_in(self.slots.slot.story, dispatch), stamps[0])
        run.adopt(stamps, changed)
        run.pending(len(stamps) - 2)
        self.recorder.started(run)
        return run

    def close(
        self,
        dispatch: int,
        connection: int,
        stamps: tuple[int, ...],
        changed: int,
        error: BaseException | None = None,
        stopped: bool = False,
    ) -> None:
        """See `Probe`."""
        run = TracedRun(self, dispatch, connection, told_in(self.slots.slot.story, dispatch), stamps[0])
        run.finished = True
        run.adopt(stamps, changed)
        last = len(stamps) - 2
        if stopped:
            run.outcomes[last] = STOPPED
        if error is not None:
            run.error = error
            run.outcomes[last] = outcome_of(error)
            self.recorder.note_error(self.plan, dispatch, last, error)
            self.recorder.decide(run)
        run.close(stamps[-1])
        self.write(run, stamps[-1])

    def write(self, run: TracedRun, end: int) -> None:
        """Pack a run that has ended.

        Parameters
        ----------
        run
            What ended.
        end
            When, perf ns.
        """
        fields = [run.dispatch, run.start, run.parent, end, run.connection << 3 | run.whole()]
        for begun, ended, worked, outcome in run.calls():
            fields += (begun, ended, max(ended - begun - worked, 0) << 3 | outcome)
        self.full.write(fields)
