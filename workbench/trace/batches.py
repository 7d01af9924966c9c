"""Records of one plan and kind as columns, for conditions that look at a million of them.

A column is worked out from the packed words when somebody asks for it, and only then: most conditions need
one or two, and no table of calls is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.trace.outcomes import CHANGED, OK, PENDING, SKIPPED
from workbench.trace.rings import FULL_HEAD, PLAIN_HEAD, Table, changed_in
from workbench.trace.rows import ErrorText, FastCall

if TYPE_CHECKING:
    from workbench.engine.plan import Plan
    from workbench.trace.runs import TracedRun

__all__ = ["Batch", "Mask", "Wants", "running_batches", "texts_of"]

Mask = npt.NDArray[np.bool_]
Column = npt.NDArray[np.int64]


class Batch:
    """Some records of one plan.

    Parameters
    ----------
    plan
        Whose they are.
    full
        Which kind; see `workbench.trace.rings`.
    table
        The records, without gaps.
    now
        The recorder's clock, for what has not ended.
    texts
        Gives the error with which a dispatch ended, by its number.
    """

    __slots__ = ("_now", "_texts", "full", "plan", "table")

    def __init__(
        self, plan: Plan, full: bool, table: Table, now: int, texts: Callable[[], Mapping[int, str]]
    ) -> None:
        self.plan = plan
        self.full = full
        self.table = table
        self._now = now
        self._texts = texts

    def __len__(self) -> int:
        return len(self.table)

    def all(self, holds: bool) -> Mask:
        """Mark all or none, for a condition on what the records have in common."""
        return np.full(len(self), holds)

    @property
    def dispatch(self) -> Column:
        """Numbers of the dispatches."""
        return self.table[:, 0]

    @property
    def parent(self) -> Column:
        """Numbers of the dispatches that caused them; -1 for none."""
        return self.table[:, 2 if self.full else 3]

    @property
    def connection(self) -> Column:
        """Numbers of the connections; -1 for none."""
        if self.full:
            return self.table[:, 4] >> 3
        return self.table[:, 2].astype(np.int32).astype(np.int64)  # the lower half of the word

    @property
    def outcome(self) -> Column:
        """How they ended, as numbers of `workbench.trace.outcomes`."""
        if self.full:
            return self.table[:, 4] & 7
        return np.where(changed_in(self.table) > 0, CHANGED, OK)

    @property
    def duration(self) -> Column:
        """How long they took, so far for what is pending; ns, at least 1, as in the frames."""
        start, end = self.table[:, 1], self.table[:, 3 if self.full else -1]
        lasted: Column = np.maximum(self._ended(end) - start, 1)
        return lasted

    @property
    def spent(self) -> Column:
        """Work and wait of all calls together, ns."""
        total = np.zeros(len(self), np.int64)
        for start, end, _ in self._calls():
            total += np.where(start == 0, 0, np.maximum(self._ended(end) - start, 1))
        return total

    @property
    def wait(self) -> Column:
        """How long the calls waited, ns; what has not ended is taken to wait."""
        total = np.zeros(len(self), np.int64)
        for start, end, wait in self._calls():
            if wait is not None:
                total += np.where((end == 0) & (start > 0), self._now - start, wait)
        return total

    @property
    def work(self) -> Column:
        """How long the calls worked, ns."""
        worked: Column = self.spent - self.wait
        return worked

    def error(self, wanted: Callable[[str], bool]) -> Mask:
        """Mark those that ended with an error of a certain text.

        Parameters
        ----------
        wanted
            Tells whether a text is one that is looked for.
        """
        if not self.full:
            return self.all(False)
        chosen = [dispatch for dispatch, text in self._texts().items() if wanted(text)]
        return np.isin(self.dispatch, np.array(chosen, np.int64))

    def _ended(self, end: Column) -> Column:
        return np.where(end == 0, self._now, end) if self.full else end

    def _calls(self) -> Iterable[tuple[Column, Column, Column | None]]:
        """Give start, end and wait of the calls at each position; what is plain never waits."""
        table = self.table
        if self.full:
            for column in range(FULL_HEAD, table.shape[1], 3):
                yield table[:, column], table[:, column + 1], table[:, column + 2] >> 3
        else:
            for start, end in pairwise([1, *range(PLAIN_HEAD, table.shape[1])]):
                yield table[:, start], table[:, end], None


Wants = Callable[[Batch], Mask]
"""A condition: marks the records for which it holds."""


def texts_of(errors: Iterable[ErrorText]) -> dict[int, str]:
    """Give the text of the error with which each dispatch ended.

    Parameters
    ----------
    errors
        What is kept; an error of the chain's core, at position -1, comes before those of hooks.
    """
    ended = sorted((one for one in errors if one.decided or one.position < 0), key=lambda one: -one.position)
    return {one.dispatch: one.text for one in ended}


def running_batches(
    running: Iterable[TracedRun | FastCall], now: int, texts: Callable[[], Mapping[int, str]]
) -> list[Batch]:
    """Put what has not ended into batches of full records.

    Parameters
    ----------
    running
        What runs now.
    now, texts
        As for `Batch`.
    """
    words: dict[Plan, list[list[int]]] = {}
    for one in running:
        plan, calls = (
            (one.plan, _fast_words(one))
            if isinstance(one, FastCall)
            else (one.probe.plan, _words(one, len(one.probe.plan.hooks)))
        )
        head = [one.dispatch, one.start, one.parent, 0, one.connection << 3 | PENDING]
        words.setdefault(plan, []).append([*head, *calls])
    return [Batch(plan, True, np.array(rows, np.int64), now, texts) for plan, rows in words.items()]


def _words(run: TracedRun, hooks: int) -> Iterable[int]:
    for position in range(hooks):
        wait = run.wait(position) if run.ends[position] else 0
        yield from (run.starts[position], run.ends[position], wait << 3 | run.outcome(position))


def _fast_words(call: FastCall) -> Iterable[int]:
    for position, (start, end) in enumerate(pairwise(call.stamps)):
        yield from (start, end, CHANGED if call.changed >> position & 1 else OK)
    yield from (call.stamps[-1], 0, PENDING)
    for _ in range(len(call.plan.hooks) - call.position - 1):
        yield from (0, 0, SKIPPED)
