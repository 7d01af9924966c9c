"""The recorder: what traced plans write into, and what everything that shows a trace reads from.

Hot and cold are apart. A dispatch of plain functions is one packed record, written by the plan itself
through its `PlanProbe`. Everything else (awaits, errors, stops, nesting, snapshots) is a `TracedRun`,
which costs microseconds and is written as a full record when it ends. Reading copies; nobody who reads can
hold a writer up for longer than the copy of one block.
"""

from __future__ import annotations

import itertools
import time
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from threading import Lock, current_thread
from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.tracing import Slots, SnapshotTaker
from workbench.trace.connections import NO_CONNECTION
from workbench.trace.failures import call_of, mark_call, one_line, user_traceback
from workbench.trace.moments import SENT, Moments
from workbench.trace.outcomes import OUTCOMES
from workbench.trace.pending import Listed, at_work, fast_calls
from workbench.trace.probe import PlanProbe
from workbench.trace.rings import Block, Form, Store, Table, joined
from workbench.trace.rows import CALL, DISPATCH, ErrorText, FastCall, Rows, expand
from workbench.trace.runs import INSIDE, Story, TracedRun
from workbench.trace.selections import Selections
from workbench.trace.totals import Totals
from workbench.trace.turning import TurningRun

if TYPE_CHECKING:
    from workbench.engine.plan import Plan

__all__ = ["CALL", "DISPATCH", "OUTCOMES", "ErrorText", "Recorder", "Rows"]

_LIMIT = 64 * 1024 * 1024
_ERRORS = 10_000
_NO_ID = np.iinfo(np.int64).max


class _RecordedSlots(Slots):
    """Slots that the recorder can list, to show what runs in other threads."""

    def __init__(self, listed: list[Listed], lock: Lock) -> None:
        super().__init__()
        with lock:
            listed[:] = [(thread, slot) for thread, slot in listed if thread() is not None]
            listed.append((weakref.ref(current_thread()), self.slot))


class Recorder:
    """Records dispatches; give it to ``board.tracer``.

    Parameters
    ----------
    limit
        Bytes of records to keep; the oldest go first, and `dropped` says how many did.
    errors
        How many error texts to keep.
    """

    def __init__(self, limit: int = _LIMIT, errors: int = _ERRORS) -> None:
        self.snapshots: SnapshotTaker | None = None
        self.clock = time.perf_counter_ns
        self.epoch_ns = time.time_ns() - time.perf_counter_ns()
        """Wall clock (ns since 1970) at which the stamps' clock stood at 0."""
        self._ids = itertools.count(1)
        self.next_id = self._ids.__next__
        self.errors_dropped = 0
        self._totals = Totals()
        self.store = Store(limit, self._fold, self._drawn)
        self._running: dict[int, weakref.ref[TracedRun | TurningRun]] = {}
        self._errors: OrderedDict[tuple[int, int], ErrorText] = OrderedDict()
        self._error_limit = errors
        self._listed: list[Listed] = []
        self._lock = Lock()
        self.slots: Slots = _RecordedSlots(self._listed, self._lock)
        self.recording = True
        """Whether moments are kept; the switch of the trace sets it."""
        self.moments = Moments(self.clock)
        self.selections = Selections(self)

    # -- writing ----------------------------------------------------------------------------------

    def probe(self, plan: Plan) -> PlanProbe:
        """Give a new plan its end of the recorder; called by the board."""
        return PlanProbe(self, plan)

    def touch(self, _tracked: object = None, _field: str = "") -> None:
        """Note that a tracked object changed; it counts for the call that runs now.

        Parameters
        ----------
        _tracked, _field
            The object and what of it; for those who override.
        """
        slot = self.slots.slot
        if slot.dispatch:
            if slot.position >= 0:
                slot.changed |= 1 << slot.position
            return
        inside = INSIDE.get()
        if inside is not None and inside[1] >= 0:
            inside[0].changed |= 1 << inside[1]

    def moment(
        self,
        kind: str,
        text: str,
        *,
        dispatch: int | None = None,
        connection: int = NO_CONNECTION,
        data: str | bytes | None = None,
    ) -> None:
        """Note something that happened beside the hooks' calls.

        Parameters
        ----------
        kind
            One of `workbench.trace.moments.KINDS`.
        text
            What, in a few words: "written to the database".
        dispatch
            The event it belongs to; None for the one that runs here, -1 for none.
        connection
            Whom it concerns.
        data
            What was sent, where something was; its beginning is kept.
        """
        if self.recording:
            if dispatch is None:
                dispatch = self.current() or -1
            self.moments.add(kind, text, dispatch, connection, data)

    def sent(self, connection: int, data: str | bytes) -> None:
        """Note what a hook sends to a client, where its event is one of those that are snapshotted.

        Made for the busiest place of a server: for all other events it costs a look at what runs.
        """
        run = self.slots.slot.run
        if run is not None and run.shot is not None and self.recording:
            self.moments.add(SENT, "", run.dispatch, connection, data)

    def story(self) -> Story:
        """Make what is dispatched in this context, and in tasks begun in it, the children of the first one.

        For work whose dispatches are not nested: a message whose handling fires several events. Inside a hook
        there is nothing to do, since the hook's dispatch is the parent already. A link that fires everything
        itself sets `Slot.story` around the firing instead, at less cost.
        """
        return Story(self.slots)

    def note_error(self, plan: Plan, dispatch: int, position: int, error: BaseException) -> None:
        """Keep the text of an error, and mark the error with the call, for whoever gets it later.

        What passes the layers of an onion on its way outwards keeps the mark of the innermost one; its
        traceback is kept there alone.
        """
        passed = plan.point.policy.shape == "onion" and call_of(error)[0] == dispatch
        if not passed:
            mark_call(error, dispatch, plan.hooks[position].name if position >= 0 else "")
        traceback = "" if passed else user_traceback(error)
        text = ErrorText(dispatch, position, one_line(error), traceback, passed=passed)
        with self._lock:
            self._errors[dispatch, position] = text
            if len(self._errors) > self._error_limit:
                self._errors.popitem(last=False)
                self.errors_dropped += 1

    def started(self, run: TracedRun | TurningRun) -> None:
        """Show a run among what is pending."""
        self._running[run.dispatch] = weakref.ref(run)

    def finished(self, run: TracedRun | TurningRun) -> None:
        """Write a run down, which is pending until that is done."""
        end = self.clock()
        if run.error is not None:
            self.decide(run)
        try:
            run.write(end)
        finally:
            run.finished = True
            self._running.pop(run.dispatch, None)

    def decide(self, run: TracedRun | TurningRun) -> None:
        """Mark the error with which the dispatch ended: the last one noted for it."""
        with self._lock:
            for position in range(len(run.probe.plan.hooks) - 1, -2, -1):
                found = self._errors.get((run.dispatch, position))
                if found is not None:
                    self._errors[run.dispatch, position] = replace(found, decided=True)
                    return

    def _fold(self, block: Block, table: Table) -> None:
        self._totals.fold(block, table)

    def _drawn(self) -> int:
        """Give the id that was drawn last; a count shows its next number only in its text."""
        return int(repr(self._ids)[len("count(") : -1]) - 1

    # -- what runs now ----------------------------------------------------------------------------

    def current(self) -> int | None:
        """Give the id of the dispatch that runs in this context, None outside of hooks."""
        inside = INSIDE.get()
        around = None if inside is None or inside[0].dispatch < 0 else inside[0].dispatch
        return self.slots.slot.dispatch or around

    def current_call(self) -> tuple[int, int] | None:
        """Give dispatch and position of the call that runs in this context, None outside of hooks."""
        slot = self.slots.slot
        if slot.dispatch:
            return slot.dispatch, max(slot.position, -1)  # an onion tells its core from what is nobody's turn
        inside = INSIDE.get()
        return None if inside is None or inside[0].dispatch < 0 else (inside[0].dispatch, inside[1])

    def pending(self) -> list[TracedRun | FastCall]:
        """Give the dispatches that have not ended.

        They are looked for in the order in which events go on, from the fast road to the general one and from
        a thread to what waits: one that goes on meanwhile is found twice, and never missed.
        """
        with self._lock:
            listed = list(self._listed)
        found: dict[int, TracedRun | FastCall] = {call.dispatch: call for call in fast_calls(listed)}
        runs = {run.dispatch: run for run in at_work(listed)}
        runs.update({run.dispatch: run for ref in list(self._running.values()) if (run := ref()) is not None})
        found.update({dispatch: run.told() for dispatch, run in runs.items() if not run.finished})
        return [*found.values()]

    # -- reading ----------------------------------------------------------------------------------

    @property
    def kept(self) -> int:
        """How many ended dispatches are kept."""
        return self.store.kept

    @property
    def dropped(self) -> int:
        """How many dispatches were forgotten to stay within the limit, or cleared."""
        return self.store.dropped

    @property
    def events(self) -> int:
        """How many dispatches ended since the recorder was cleared, exactly."""
        return self.totals.events

    @property
    def totals(self) -> Totals:
        """Exact counters per hook id and point key, also of what is no longer kept."""
        self.store.count()
        return self._totals

    @property
    def errors(self) -> list[ErrorText]:
        """Texts of the errors that hooks raised, oldest first, as many as are kept."""
        with self._lock:
            return list(self._errors.values())

    def rows(self) -> Rows:
        """Copy everything that is kept, and what is pending, into two tables."""
        running = self.pending()
        rings: dict[Form, list[Block]] = {}
        for block in self.store.blocks():
            rings.setdefault(block.form, []).append(block)
        tables = [(form.plan, form.full, joined(blocks)) for form, blocks in rings.items()]
        with self._lock:
            errors = self._errors.copy()
        return self.expand(tables, running, errors)

    def tail(self, n: int, before: int | None = None) -> Rows:
        """Copy the newest dispatches only, with their calls; for live views.

        Parameters
        ----------
        n
            How many at most.
        before
            Only those whose id is smaller; None: the newest of all.
        """
        limit = _NO_ID if before is None else before
        running = [run for run in self.pending() if run.dispatch < limit]
        tables = self._newest(n, limit) if n > 0 else []
        ids = np.concatenate([*(table[:, 0] for _, _, table in tables), [run.dispatch for run in running]])
        ids = np.unique(ids)  # what ended between the two looks is in both
        border = ids[-n] if len(ids) > n > 0 else 0 if n > 0 else limit
        chosen = [(plan, full, table[table[:, 0] >= border]) for plan, full, table in tables]
        return self.expand(
            [one for one in chosen if len(one[2])], [run for run in running if run.dispatch >= border]
        )

    def _newest(self, n: int, limit: int) -> list[tuple[Plan, bool, Table]]:
        """Find tables that have the n newest records below the limit among them.

        Blocks that can have none of them are not copied.
        """
        tables: list[tuple[Plan, bool, Table]] = []
        found = np.empty(0, np.int64)
        for bound, block in self.store.latest():
            if len(found) == n and bound <= found[0]:
                break
            if bound >= limit and block.least >= limit:
                continue
            table = block.written()
            table = table[table[:, 0] < limit] if bound >= limit else table
            table = table[np.argpartition(table[:, 0], -n)[-n:]] if len(table) > n else table
            tables.append((block.plan, block.full, table))
            found = np.sort(np.concatenate([found, table[:, 0]]))[-n:]
        return tables

    def expand(
        self,
        tables: list[tuple[Plan, bool, Table]],
        running: list[TracedRun | FastCall],
        errors: Mapping[tuple[int, int], ErrorText] | None = None,
    ) -> Rows:
        """Make rows of copied records; what has ended meanwhile is not pending too.

        Parameters
        ----------
        tables
            Plan, whether full, and records without gaps.
        running
            What had not ended.
        errors
            A copy of the error texts; None where a few are looked up, for which ten thousand are not copied.
        """
        still = [
            run for run in running if not any((table[:, 0] == run.dispatch).any() for _, _, table in tables)
        ]
        return expand(tables, still, self._errors if errors is None else errors, self.dropped)

    def clear(self) -> None:
        """Forget all that ended, counters and error texts too; what is pending stays."""
        with self.store.lock:
            self.store.clear()
            self.store.dropped = 0
            self._totals = Totals()
        with self._lock:
            self._errors.clear()
            self.errors_dropped = 0
        self.moments.clear()
