"""Which of the kept dispatches a condition holds for, in order, and windows of them at any place.

A selection looks at each record once, when it is first asked for after the record was written; what the
store drops is taken out again. So a filter over a million events costs a tenth of a second once, and hardly
anything from then on; whoever expects to be asked looks ahead, a little at a time. It is never on an event's
way: it reads what the rings hold, block by block.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.trace.batches import Batch, Mask, Wants, running_batches, texts_of
from workbench.trace.rings import LARGEST, Block, Form, Table
from workbench.trace.rows import FastCall, Rows

if TYPE_CHECKING:
    from workbench.engine.plan import Plan
    from workbench.trace.recorder import Recorder
    from workbench.trace.runs import TracedRun

__all__ = ["Selection", "Selections", "Window"]

_KEPT = 4
_TOGETHER = 64
_LEAST = 1024

Running = list["TracedRun | FastCall"]
Packed = tuple["Plan", bool, Table]


@dataclass(frozen=True, slots=True)
class Window:
    """Some consecutive ones of the dispatches for which a condition holds.

    Parameters
    ----------
    rows
        Those of the window, oldest first, as everywhere.
    matching
        How many there are in all.
    """

    rows: Rows
    matching: int


class Selection:
    """The kept dispatches for which a condition holds.

    An error's text is looked at when its dispatch ends; should the text be forgotten later, the dispatch
    stays selected.

    Parameters
    ----------
    recorder
        Whose dispatches.
    wants
        The condition; None: all of them.
    """

    def __init__(self, recorder: Recorder, wants: Wants | None = None) -> None:
        self._recorder = recorder
        self._wants = wants
        self._lock = Lock()
        self._blocks: dict[int, Block] = {}
        self._looked: dict[int, int] = {}  # records seen, of blocks that may get more
        self._next = 0  # serial of the first block not looked at
        self._table = np.empty((2, _LEAST), np.int64)  # numbers, in order; and where each record lies
        self._begin = self._end = 0

    def window(self, rank: int, count: int, before: int | None = None) -> Window:
        """Copy the dispatches from one rank on.

        Parameters
        ----------
        rank
            Of the first one; 0 is the newest.
        count
            How many at most.
        before
            Look only at those whose number is smaller; None: at all.
        """
        recorder = self._recorder
        running = recorder.pending()  # first: what ends between the two looks is in both, not in neither
        texts = cache(lambda: texts_of(recorder.errors))
        with self._lock:
            self._refresh(texts)
            found = self._table[:, self._begin : self._end]
            limit = np.searchsorted(found[0], before) if before is not None else found.shape[1]
            found = found[:, :limit]
            chosen, waiting = self._running(running, found[0], before, texts)
            ids, places, matching = _slice(found, waiting, rank, count)
            tables = self._copied(places)
        wanted = set(ids.tolist())
        return Window(recorder.expand(tables, [run for run in chosen if run.dispatch in wanted]), matching)

    def ahead(self, most: int) -> None:
        """Look at some of what nobody has asked for yet, so that the next window finds little left to do.

        Parameters
        ----------
        most
            How many records, about.
        """
        recorder = self._recorder
        with self._lock:
            self._refresh(cache(lambda: texts_of(recorder.errors)), max(1, most // LARGEST))

    # -- what was written since the last look --------------------------------------------------------

    def _refresh(self, texts: Callable[[], Mapping[int, str]], most: int | None = None) -> None:
        blocks = self._recorder.store.blocks()
        first = blocks[0].serial if blocks else self._next
        self._forget(first)
        self._next = max(self._next, first)
        new = blocks[self._next - first :][:most]
        for block in new:
            self._blocks[block.serial], self._looked[block.serial] = block, 0
            self._next = block.serial + 1
        unseen: dict[Form, list[Block]] = {}
        for serial in self._looked:
            block = self._blocks[serial]
            unseen.setdefault(block.form, []).append(block)
        now = self._recorder.clock()
        parts = [
            self._look(group[at : at + _TOGETHER], now, texts)
            for group in unseen.values()
            for at in range(0, len(group), _TOGETHER)
        ]
        self._add(parts)

    def _look(self, blocks: Sequence[Block], now: int, texts: Callable[[], Mapping[int, str]]) -> Table:
        """Choose among the unseen records of blocks of one form."""
        tables, places = [], []
        for block in blocks:
            first = self._looked[block.serial]
            table = block.ready(first)
            tables.append(table)
            places.append(np.arange(first, first + len(table)) + block.serial * LARGEST)
            self._looked[block.serial] = first + len(table)
            if first + len(table) == block.capacity:
                del self._looked[block.serial]
        table = np.concatenate(tables)
        found = np.stack([table[:, 0], np.concatenate(places)])
        if self._wants is None or not len(table):
            return found
        return found[:, self._wants(Batch(blocks[0].plan, blocks[0].full, table, now, texts))]

    def _add(self, parts: Sequence[Table]) -> None:
        new = np.concatenate([np.empty((2, 0), np.int64), *parts], axis=1)
        size = new.shape[1]
        if not size:
            return
        if (new[0, 1:] < new[0, :-1]).any():
            new = new[:, np.argsort(new[0], kind="stable")]
        if self._begin == self._end:  # the first look is the longest: no copy more than there must be
            self._table, self._begin, self._end = new, 0, size
            return
        self._make_room(size)
        at = self._begin + int(np.searchsorted(self._table[0, self._begin : self._end], new[0, 0]))
        later = self._table[:, at : self._end]
        if later.shape[1]:  # what began before these, and has ended after them
            new = np.insert(later, np.searchsorted(later[0], new[0]), new, axis=1)
        self._end += size
        self._table[:, at : self._end] = new

    def _make_room(self, size: int) -> None:
        held = self._table[:, self._begin : self._end]
        if self._end + size > self._table.shape[1]:
            room = max(_LEAST, (held.shape[1] + size) * 3 // 2)
            self._table = np.empty((2, room), np.int64)
            self._table[:, : held.shape[1]] = held
            self._begin, self._end = 0, held.shape[1]

    def _forget(self, first: int) -> None:
        """Take out what the store has dropped: all blocks before one."""
        gone = [serial for serial in self._blocks if serial < first]
        if not gone:
            return
        bound = 0
        for serial in gone:
            bound = max(bound, self._blocks.pop(serial).bound(self._recorder.store.drawn))
            self._looked.pop(serial, None)
        held = self._table[:, self._begin : self._end]
        end = self._begin + int(np.searchsorted(held[0], bound, "right"))
        oldest = self._table[:, self._begin : end]
        oldest = oldest[:, oldest[1] >= first * LARGEST]
        self._begin = end - oldest.shape[1]
        self._table[:, self._begin : end] = oldest

    # -- what runs, and what is copied ---------------------------------------------------------------

    def _running(
        self, running: Running, ended: Table, before: int | None, texts: Callable[[], Mapping[int, str]]
    ) -> tuple[Running, Table]:
        """Choose among what has not ended; also give the numbers, in order."""
        chosen: set[int] = set()
        for batch in running_batches(running, self._recorder.clock(), texts):
            ids = batch.dispatch if self._wants is None else batch.dispatch[self._wants(batch)]
            chosen.update(ids.tolist())
        ids = np.array([one for one in sorted(chosen) if before is None or one < before], np.int64)
        ids = ids[~_among(ids, ended)]
        chosen.intersection_update(ids.tolist())
        return [run for run in running if run.dispatch in chosen], ids

    def _copied(self, places: Table) -> list[Packed]:
        """Copy the records that lie at certain places, those of one form together."""
        tables: dict[Form, list[Table]] = {}
        for serial in np.unique(places // LARGEST).tolist():
            block = self._blocks[serial]
            rows = places[places // LARGEST == serial] % LARGEST
            tables.setdefault(block.form, []).append(block.at(rows))
        return [(form.plan, form.full, np.concatenate(parts)) for form, parts in tables.items()]


def _among(numbers: Table, ordered: Table) -> Mask:
    """Tell which of a few numbers stand in a long list that is in order."""
    if not len(ordered):
        return np.zeros(len(numbers), bool)
    places = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    found: Mask = ordered[places] == numbers
    return found


def _slice(found: Table, waiting: Table, rank: int, count: int) -> tuple[Table, Table, int]:
    """Cut a window out of two ordered lists, of what has ended and of what has not.

    Returns numbers, newest first; places of the ended ones among them; and the length of both lists.
    """
    ended = found.shape[1]
    skipped = min(max(rank - len(waiting), 0), ended)  # newer ones that are surely not in the window
    near = found[:, max(ended - rank - count, 0) : ended - skipped]
    both = np.sort(np.concatenate([near[0], waiting]))[::-1][rank - skipped :][:count]
    return both, near[1][np.isin(near[0], both)], ended + len(waiting)


class Selections:
    """The selections that somebody looks at: the last few of them, so that each is made once.

    Parameters
    ----------
    recorder
        Whose dispatches.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._lock = Lock()
        self._made: OrderedDict[Any, Selection] = OrderedDict()

    def get(self, key: object = None, wants: Wants | None = None) -> Selection:
        """Give the selection of a condition.

        Parameters
        ----------
        key
            Tells conditions apart; equal keys stand for equal conditions.
        wants
            The condition; None: all dispatches.
        """
        with self._lock:
            made = self._made.get(key)
            if made is None:
                made = self._made[key] = Selection(self._recorder, wants)
            self._made.move_to_end(key)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return made
