"""Exact counters per hook and point.

Brought up to date when somebody asks and before records are forgotten.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.hooks import Hook
from workbench.trace.outcomes import CANCELLED, CHANGED, OUTCOMES, PENDING, RAISED, SKIPPED, STOPPED
from workbench.trace.rings import FULL_HEAD, PLAIN_HEAD, Block, Table, changed_in

__all__ = ["RECENT", "Count", "Totals"]

RECENT: Final = 256
"""Newest durations that are kept beside the counts, of each hook and of each point."""


@dataclass(slots=True)
class Count:
    """What one hook, or one point, has done since the recorder was cleared.

    Parameters
    ----------
    outcomes
        How many ended in which way, by the number of the outcome.
    recent
        Durations of the newest that ran, ns, oldest first; at most 256.
    """

    outcomes: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(OUTCOMES), np.int64))
    recent: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def calls(self) -> int:
        """How many ran; those skipped did not."""
        return int(self.outcomes.sum() - self.outcomes[SKIPPED] - self.outcomes[PENDING])

    @property
    def errors(self) -> int:
        """How many raised."""
        return int(self.outcomes[RAISED])

    @property
    def changed(self) -> int:
        """How many changed something, as far as that was seen: see `Trace.calls`."""
        return int(self.outcomes[CHANGED])

    @property
    def stopped(self) -> int:
        """How many ended their event."""
        return int(self.outcomes[STOPPED])

    @property
    def skipped(self) -> int:
        """How many did not run since an earlier one stopped or raised."""
        return int(self.outcomes[SKIPPED])

    @property
    def cancelled(self) -> int:
        """How many were cancelled."""
        return int(self.outcomes[CANCELLED])

    @property
    def p95(self) -> int:
        """The 95th percentile of the recent durations, ns; 0 when there are none."""
        return int(np.percentile(self.recent, 95)) if len(self.recent) else 0

    def add(self, outcomes: Any, durations: npt.NDArray[np.int64]) -> None:
        """Count some more.

        Parameters
        ----------
        outcomes
            How many, by the number of the outcome.
        durations
            Of those that ran, oldest first, ns.
        """
        self.outcomes += outcomes
        self.recent = np.concatenate([self.recent, durations[-RECENT:]])[-RECENT:]


class Totals:
    """Counters by hook id and by point key.

    Attributes
    ----------
    hooks, points
        Each with all its figures.
    versions
        How many calls each version of a hook ran, by id and version.
    """

    def __init__(self) -> None:
        self.hooks: dict[str, Count] = {}
        self.points: dict[str, Count] = {}
        self.versions: Counter[tuple[str, int]] = Counter()

    @property
    def events(self) -> int:
        """How many dispatches ended."""
        return sum(int(count.outcomes.sum()) for count in list(self.points.values()))

    def fold(self, block: Block, table: Table) -> None:
        """Count records.

        Parameters
        ----------
        block
            Whose they are.
        table
            The records.
        """
        fold = self._fold_full if block.full else self._fold_plain
        fold(block, table)

    def _fold_plain(self, block: Block, table: Table) -> None:
        changed = changed_in(table)
        self._point(block).add(_counts((changed > 0).astype(np.int64)), table[:, -1] - table[:, 1])
        starts = table[:, 1]
        for position, hook in enumerate(block.plan.hooks):
            ends = table[:, PLAIN_HEAD + position]
            self._add(hook, _counts(changed >> position & 1), ends - starts)  # OK is 0, CHANGED is 1
            starts = ends

    def _fold_full(self, block: Block, table: Table) -> None:
        self._point(block).add(_counts(table[:, 4] & 7), table[:, 3] - table[:, 1])
        for position, hook in enumerate(block.plan.hooks):
            column = FULL_HEAD + 3 * position
            outcomes = table[:, column + 2] & 7
            ran = outcomes != SKIPPED
            self._add(hook, _counts(outcomes), (table[:, column + 1] - table[:, column])[ran])

    def _add(self, hook: Hook, outcomes: npt.NDArray[np.int64], durations: npt.NDArray[np.int64]) -> None:
        self.hooks.setdefault(hook.id, Count()).add(outcomes, durations)
        self.versions[hook.id, hook.version] += len(durations)

    def _point(self, block: Block) -> Count:
        return self.points.setdefault(block.plan.point.name, Count())


def _counts(outcomes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.bincount(outcomes, minlength=len(OUTCOMES)).astype(np.int64)
