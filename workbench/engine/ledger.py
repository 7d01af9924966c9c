"""The ledger under the board: which state is live, how it came to be, and the way back."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from threading import RLock

from workbench.engine import edits
from workbench.engine.cells import CellRun
from workbench.engine.hooks import Hook
from workbench.engine.journal import Change, Deed, JournalEntry, quoted, spell_call, spell_group
from workbench.engine.points import Point
from workbench.engine.rehearsal import refuse
from workbench.engine.state import BoardState, Rows
from workbench.engine.versions import Versions
from workbench.watching import Watchers

__all__ = ["Ledger"]

_NOTHING = Change({})
_group: ContextVar[int] = ContextVar("workbench group of edits", default=0)


class Ledger:
    """The live state, its journal, and who is told of changes.

    Parameters
    ----------
    points
        The hook points of the empty board.
    clock
        Seconds since the epoch, for the journal.
    spoken
        The name of the bench in printed Python lines.
    """

    def __init__(
        self, points: Iterable[Point] = (), *, clock: Callable[[], float] = time.time, spoken: str = "bench"
    ) -> None:
        self.spoken = spoken
        self._clock = clock
        self._lock = RLock()
        self._state = BoardState(0, {point.name: point for point in points}, {})
        self._journal: list[JournalEntry] = []
        self._versions = Versions()
        self._undone: list[int] = []  # places in the journal, the one to redo next last
        self._groups = itertools.count(1)
        self._cells: dict[str, CellRun] = {}
        self._watchers = Watchers()

    @property
    def state(self) -> BoardState:
        """The board as it is now, immutable."""
        return self._state

    @property
    def revision(self) -> int:
        """How many edits there were."""
        return self._state.revision

    @property
    def journal(self) -> tuple[JournalEntry, ...]:
        """All edits, oldest first."""
        with self._lock:
            return tuple(self._journal)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return self._last_done() is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone edit to bring back."""
        return bool(self._undone)

    # -- several edits as one ---------------------------------------------------------------------

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make what is edited inside count as one edit: one entry of the journal, one undo.

        Each edit is live at once. Edits that come from other threads meanwhile stay entries of their own.
        """
        token = _group.set(_group.get() or next(self._groups))
        try:
            yield
        finally:
            _group.reset(token)

    def begin_cell(self, cell: str) -> None:
        """Note that a notebook cell begins to run.

        Parameters
        ----------
        cell
            Its stable id.
        """
        with self._lock:
            self._cells[cell] = CellRun(cell, next(self._groups), self._state)

    def end_cell(self, cell: str, *, failed: bool = False) -> None:
        """Note that a cell has run.

        Hooks of its previous run that it no longer attaches go away unless it failed.

        Parameters
        ----------
        cell
            Its stable id.
        failed
            Whether it raised.
        """
        with self._lock:
            run = self._cells.get(cell)
            left = run.left_over(self._state) if run is not None and not failed else []
            for hook in left:
                rows = tuple(row for row in self._state.of(hook.point) if row.hook.id != hook.id)
                ref = quoted(edits.spell_ref(self._state, hook))
                line = spell_call(edits.spell_chain(self.spoken, hook.point), "remove", ref)
                self._commit("remove", {hook.point: rows}, hook, "cell", line)
            self._cells.pop(cell, None)
        if left:
            self._tell()

    @contextmanager
    def cell_run(self, cell: str) -> Iterator[None]:
        """Surround the run of a cell: `begin_cell`, then `end_cell`.

        Parameters
        ----------
        cell
            Its stable id.
        """
        self.begin_cell(cell)
        failed = True
        try:
            yield
            failed = False
        finally:
            self.end_cell(cell, failed=failed)

    # -- journal -----------------------------------------------------------------------------------

    def undo(self, author: str = "api") -> JournalEntry | None:
        """Take the last edit back; None when there is none.

        Parameters
        ----------
        author
            Who takes it back.
        """
        refuse("An edit of the board")
        with self._lock:
            place = self._last_done()
            if place is None:
                return None
            entry = self._journal[place]
            for deed in reversed(entry.deeds):
                deed.undo()
            self._journal[place] = replace(entry, undone=True)
            self._undone.append(place)
            self._turn("undo", entry, entry.inverse, author)
        self._tell()
        return entry

    def redo(self, author: str = "api") -> JournalEntry | None:
        """Bring the edit back that was undone last; None when there is none.

        Parameters
        ----------
        author
            Who brings it back.
        """
        refuse("An edit of the board")
        with self._lock:
            if not self._undone:
                return None
            place = self._undone[-1]
            for deed in self._journal[place].deeds:
                deed.redo()
            self._undone.pop()
            entry = self._journal[place] = replace(self._journal[place], undone=False)
            self._turn("redo", entry, entry.outcome, author)
        self._tell()
        return entry

    def note(
        self,
        kind: str,
        python: str,
        deed: Deed,
        *,
        hook: str | None = None,
        point: str | None = None,
        author: str = "api",
    ) -> None:
        """Take down something that was done beside the board, so that undo and redo have it in their order.

        Parameters
        ----------
        kind
            What its owner calls it.
        python
            The line that does the same.
        deed
            The way back, and forth again.
        hook, point
            What it is about, where that is one hook or point.
        author
            Who did it.
        """
        with self._lock:
            self._write(self._entry(kind, python, author, hook=hook, point=point, deeds=(deed,)))
        self._tell()

    def subscribe(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call somebody after each publish, in the thread that edited.

        Parameters
        ----------
        callback
            Called without arguments and without the lock.

        Returns
        -------
        callable
            Ends it; more than once does no harm.
        """
        return self._watchers.add(callback)

    # -- inside ------------------------------------------------------------------------------------

    def _last_done(self) -> int | None:
        places = range(len(self._journal) - 1, -1, -1)
        return next((place for place in places if edits.can_undo(self._journal[place])), None)

    def _turn(self, kind: str, entry: JournalEntry, change: Change, author: str) -> None:
        if change.rows or change.points:
            self._state = self._state.with_rows(change.rows, change.points)
        self._journal.append(
            replace(
                entry,
                revision=self.revision,
                kind=kind,
                author=author,
                time=self._clock(),
                undone=False,
                group=0,
                python=f"{self.spoken}.{kind}()",
            )
        )

    def _commit(
        self,
        kind: str,
        rows: Mapping[str, Rows],
        hook: Hook | None,
        author: str,
        python: str,
        points: Mapping[str, Point] | None = None,
    ) -> None:
        """Publish new rows and write the journal. Called with the lock held."""
        refuse("An edit of the board")
        before = self._state
        points = {name: point for name, point in (points or {}).items() if before.points.get(name) != point}
        if not points and all(before.of(name) == new for name, new in rows.items()):
            return  # nothing would change, so nothing is written
        self._state = before.with_rows(rows, points)
        inverse = Change(
            {name: before.of(name) for name in rows},
            {name: before.points.get(name, points[name]) for name in points},
        )
        touched = edits.touched(before, rows)
        places = [*(rows or points)]
        run = self._cells.get(hook.origin.cell or "") if hook is not None else None
        entry = self._entry(
            kind,
            python,
            author,
            hook=None if hook is None else hook.id,
            point=places[0] if len(places) == 1 else None,
            inverse=inverse,
            outcome=Change(rows, points),
            touched=touched,
            cell=0 if run is None else run.group,
        )
        left = (row.hook for new in rows.values() for row in new if row.hook.id in touched)
        self._versions.note(left, self.revision, author, entry.time)
        self._write(entry)

    def _entry(
        self,
        kind: str,
        python: str,
        author: str,
        *,
        hook: str | None = None,
        point: str | None = None,
        inverse: Change = _NOTHING,
        outcome: Change = _NOTHING,
        touched: frozenset[str] = frozenset(),
        lines: tuple[str, ...] | None = None,
        deeds: tuple[Deed, ...] = (),
        cell: int = 0,
    ) -> JournalEntry:
        return JournalEntry(
            self.revision,
            kind,
            hook,
            point,
            author,
            self._clock(),
            python,
            undone=False,
            inverse=inverse,
            outcome=outcome,
            touched=touched,
            group=_group.get() or cell,
            lines=(python,) if lines is None else lines,
            deeds=deeds,
        )

    def _write(self, entry: JournalEntry) -> None:
        last = self._journal[-1] if self._journal else None
        if last is not None and entry.group and last.group == entry.group:
            self._journal[-1] = self._joined(last, entry)
        else:
            self._journal.append(entry)
        self._undone.clear()

    def _joined(self, last: JournalEntry, entry: JournalEntry) -> JournalEntry:
        lines = (*last.lines, *entry.lines)
        return replace(
            last,
            revision=entry.revision,
            kind="group",
            hook=last.hook if last.hook == entry.hook else None,
            point=last.point if last.point == entry.point else None,
            python=spell_group(self.spoken, lines),
            inverse=entry.inverse.under(last.inverse),
            outcome=last.outcome.under(entry.outcome),
            touched=last.touched | entry.touched,
            lines=lines,
            deeds=last.deeds + entry.deeds,
        )

    def _tell(self) -> None:
        self._watchers.tell()
