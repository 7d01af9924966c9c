"""What was done to a bench, and the way back: undo, redo, and marks to return to."""

from __future__ import annotations

__all__ = ["Remembering"]

from typing import TYPE_CHECKING, Any, cast

from workbench.bench.cells import author

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench


class Remembering:
    """What a bench can do with its history: edits of chains, faults and breakpoints, in one order."""

    def undo(self) -> None:
        """Take back what was done last; nothing happens when there is nothing."""
        _board(self).undo(author())

    def redo(self) -> None:
        """Do again what was taken back last; nothing happens when there is nothing."""
        _board(self).redo(author())

    def mark(self, name: str) -> None:
        """Give the bench as it is now a name, to return to.

        Parameters
        ----------
        name
            Such as ``"before lunch"``; an older mark of that name is forgotten.

        Raises
        ------
        EditRefused
            When the name is no line of text.
        """
        _board(self).mark(name, author=author())

    def return_to(self, name: str) -> None:
        """Make all chains what they were at a mark. One edit: the history goes on, and undo takes it back.

        Faults and breakpoints stay as they are.

        Parameters
        ----------
        name
            Of the mark.

        Raises
        ------
        EditRefused
            When there is no mark of that name.
        """
        _board(self).return_to_mark(name, author=author())

    @property
    def history(self) -> Any:
        """What was done, as a DataFrame: the same as ``trace.edits``."""
        return cast("Workbench", self).trace.edits


def _board(bench: object) -> Any:
    return cast("Workbench", bench).board
