"""Named marks over the ledger: places in the history to return to, and to cut its Python lines at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from workbench.engine import edits
from workbench.engine.errors import EditRefused, near
from workbench.engine.journal import Change, JournalEntry, quoted, spell_call, spell_cell
from workbench.engine.ledger import Ledger
from workbench.engine.points import Point

__all__ = ["MarkedLedger"]


_LONGEST = 200


class MarkedLedger(Ledger):
    """A ledger with marks; parameters as there."""

    def __init__(
        self, points: Iterable[Point] = (), *, clock: Callable[[], float] = time.time, spoken: str = "bench"
    ) -> None:
        super().__init__(points, clock=clock, spoken=spoken)
        self._marks: dict[str, int] = {}  # places in the journal

    @property
    def marks(self) -> Mapping[str, int]:
        """The marks by name: the place of each in the journal."""
        with self._lock:
            return dict(self._marks)

    def mark(self, name: str, *, author: str = "api") -> JournalEntry:
        """Give the board as it is now a name in the journal; an older mark of that name is forgotten.

        Parameters
        ----------
        name
            For people.
        author
            Who does.

        Raises
        ------
        EditRefused
            When the name is no line of text.
        """
        readable = isinstance(name, str) and name.isprintable() and name.strip()
        if not readable or len(name) > _LONGEST:
            raise EditRefused(
                f'a mark is a line of text such as "before lunch", at most {_LONGEST} characters long, '
                f"not {name!r}"
            )
        with self._lock:
            entry = self._entry(
                "mark",
                spell_call(self.spoken, "mark", quoted(name)),
                author,
                outcome=Change(self._state.rows, self._state.points),
                lines=self._standing(0),
            )
            entry = replace(entry, group=0)  # what is edited together goes on behind it
            self._journal.append(entry)
            self._marks[name] = len(self._journal) - 1
        self._tell()
        return entry

    def return_to_mark(self, name: str, *, author: str = "api") -> None:
        """Make hooks and policies what they were at a mark, as one edit; faults and breakpoints stay.

        Parameters
        ----------
        name
            Of the mark.
        author
            Who does.

        Raises
        ------
        EditRefused
            When there is no mark of that name.
        """
        with self._lock:
            was, now = self._journal[self._marked(name)].outcome, self._state
            keys = [key for key in now.rows if now.of(key) != was.rows.get(key, ())]
            points = {key: point for key, point in was.points.items() if now.points[key] != point}
            line = spell_call(self.spoken, "return_to", quoted(name))
            self._commit("return", {key: was.rows.get(key, ()) for key in keys}, None, author, line, points)
        self._tell()

    def lines(self, *, until: str | None = None, since: str | None = None) -> tuple[str, ...]:
        """Give the Python lines that stand, oldest first; run on a fresh board they make the same one.

        Parameters
        ----------
        until
            Name of a mark: those that stood there, and its own.
        since
            Name of a mark: its own line, and those that came after it.

        Raises
        ------
        EditRefused
            When there is no mark of that name.
        """
        with self._lock:
            if until is not None:
                mark = self._journal[self._marked(until)]
                return (*mark.lines, mark.python)
            return self._standing(0 if since is None else self._marked(since))

    def _marked(self, name: str) -> int:
        if name not in self._marks:
            known = near(str(name), self._marks) or '; bench.mark("...") sets one'
            raise EditRefused(f"there is no mark {name!r}{known}")
        return self._marks[name]

    def _standing(self, since: int) -> tuple[str, ...]:
        entries = self._journal[since:]
        return spell_cell([entry for entry in entries if entry.kind == "mark" or edits.can_undo(entry)])
