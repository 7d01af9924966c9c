"""The history: each gesture as the Python line that does the same."""

from __future__ import annotations

__all__ = ["ENTRIES", "history"]

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.edits import can_undo
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.journal import JournalEntry

ENTRIES: Final = 200
"""Newest entries that are shown."""


def history(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was done, newest first; undoing makes an entry `undone` instead of being one.

    ``cursor`` is the number of the newest entry, the one that undo would take back, 0 for none; ``mark`` the
    name of an entry that one can return to.
    """
    numbered = enumerate(bench.board.journal, 1)
    edits = [(number, entry) for number, entry in numbered if entry.kind not in ("undo", "redo")]
    names = {place + 1: name for name, place in bench.board.marks.items()}
    return {
        "entries": [_entry(number, entry, names.get(number)) for number, entry in reversed(edits[-ENTRIES:])],
        "cursor": max((number for number, entry in edits if can_undo(entry)), default=0),
        "revision": bench.board.revision,
    }


def _entry(number: int, entry: JournalEntry, mark: str | None) -> dict[str, Any]:
    return {
        "number": number,
        "mark": mark,
        "revision": entry.revision,
        "kind": entry.kind,
        "hook": entry.hook,
        "point": entry.point,
        "python": visible(entry.python),
        "author": entry.author,
        "time": entry.time * 1000,
        "undone": entry.undone,
    }
