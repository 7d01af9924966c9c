"""Runs of notebook cells: what a cell attached before gives way to what it attaches now."""

from __future__ import annotations

from workbench.engine.hooks import Hook
from workbench.engine.state import BoardState

__all__ = ["CellRun"]


class CellRun:
    """One run of a cell.

    Hooks that the run attaches take the places of hooks of the same point, lane, kind and name which the
    previous run attached. Those that are left over go away when the run ends well, as a reader of the cell
    expects: the board says what the cell says. They stay when the cell failed, since then nobody knows what
    it would have attached.

    Parameters
    ----------
    cell
        Stable id of the cell.
    group
        Number of the run, under which the journal keeps its edits as one.
    state
        The board when the run begins.
    """

    def __init__(self, cell: str, group: int, state: BoardState) -> None:
        self.cell = cell
        self.group = group
        self.previous = {hook.id for hook in state.hooks() if hook.origin.cell == cell}

    def predecessor(self, state: BoardState, fresh: Hook) -> Hook | None:
        """Find the hook whose place this one takes; each place is taken once.

        Parameters
        ----------
        state
            The board now.
        fresh
            The hook about to be attached.
        """
        for row in state.of(fresh.point):
            hook = row.hook
            if hook.id in self.previous and _same_place(hook, fresh):
                self.previous.discard(hook.id)
                return hook
        return None

    def keep(self, hook: Hook) -> None:
        """Note that the run attached this hook again."""
        self.previous.discard(hook.id)

    def left_over(self, state: BoardState) -> list[Hook]:
        """List what the run no longer attaches."""
        return [hook for hook in state.hooks() if hook.id in self.previous]


def _same_place(old: Hook, fresh: Hook) -> bool:
    return (old.name, old.lane, old.kind) == (fresh.name, fresh.lane, fresh.kind)
