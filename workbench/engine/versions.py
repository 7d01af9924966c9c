"""Which functions a hook has had: one list, whoever wrote them, in a cell, in a file or beside a card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MethodType
from typing import Any

from workbench.engine.hooks import Hook

__all__ = ["Version", "Versions"]


@dataclass(frozen=True, slots=True)
class Version:
    """One function that a hook has or had.

    Parameters
    ----------
    number
        1, 2 ... in the order of coming; given once.
    hook
        The hook as it was when the function came: function, origin.
    revision
        The board's after that edit.
    author
        Who edited: cell, editor, widget, api ...
    time
        Seconds since the epoch.
    """

    number: int
    hook: Hook
    revision: int
    author: str
    time: float


class Versions:
    """The versions of all hooks, told apart by the identity of their functions."""

    def __init__(self) -> None:
        self._of: dict[str, list[Version]] = {}

    def of(self, hook: str) -> tuple[Version, ...]:
        """List the versions of the hook of that id, oldest first."""
        return tuple(self._of.get(hook, ()))

    def number(self, hook: str, function: Any) -> int:
        """Give the number of a function: its own where the hook had it before, else the next one."""
        known = self._of.get(hook, [])
        mine = (version.number for version in known if _same(version.hook.function, function))
        return next(mine, max((version.number for version in known), default=0) + 1)

    def note(self, hooks: Iterable[Hook], revision: int, author: str, time: float) -> None:
        """Take down what an edit left behind.

        Parameters
        ----------
        hooks
            Those that it touched, as they are now.
        revision, author, time
            Of the edit.
        """
        for hook in hooks:
            known = self._of.setdefault(hook.id, [])
            if not any(version.number == hook.version for version in known):
                known.append(Version(hook.version, hook, revision, author, time))


def _same(one: Any, other: Any) -> bool:
    """Compare by identity; a bound method is a new object each time it is asked for."""
    return one is other or (isinstance(one, MethodType) and isinstance(other, MethodType) and one == other)
