"""The history: every edit of the board as the Python line that does the same."""

from __future__ import annotations

__all__ = ["ENTRIES", "history"]

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.journal import JournalEntry

ENTRIES: Final = 200
"""Newest entries that are shown."""


def history(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the edits, newest first; undoing marks an edit instead of being one.

    ``cursor`` is the revision of the newest edit that stands, 0 for none.
    """
    edits = [entry for entry in bench.board.journal if entry.kind not in ("undo", "redo")]
    standing = [entry.revision for entry in edits if not entry.undone]
    return {
        "entries": [_entry(entry) for entry in reversed(edits[-ENTRIES:])],
        "cursor": max(standing, default=0),
        "revision": bench.board.revision,
    }


def _entry(entry: JournalEntry) -> dict[str, Any]:
    return {
        "revision": entry.revision,
        "kind": entry.kind,
        "hook": entry.hook,
        "point": entry.point,
        "python": visible(entry.python),
        "author": entry.author,
        "time": entry.time * 1000,
        "undone": entry.undone,
    }
