"""`add_hook`, `remove_hook` and `clear_hooks`, as the seed writes them, on the board (Wookie 9 to 16)."""

from __future__ import annotations

__all__ = ["Registration"]

from types import MethodType
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.wookie.points import POINTS
from workbench.engine.errors import UnknownPoint, near
from workbench.engine.hooks import Hook, HookFunction
from workbench.engine.points import Point
from workbench.naming import warn_caller

_MISSPELT = ("first", "second", "third", "fourth", "fifth")
"""Parameters of a point that nobody knows: as many as any point has."""


class Registration:
    """Edits of a mount's hooks in Wookie's own words.

    Parameters
    ----------
    mount
        Where the points are.

    Attributes
    ----------
    nameless
        Ids of hooks that were added without a name.

    """

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._known = {name: point.name for point in POINTS for name in (point.name, point.alias) if name}
        self.nameless: set[str] = set()

    def key(self, point: str) -> str:
        """Give the board's key of a point by its name or alias, of a misspelt one too."""
        if not isinstance(point, str) or not point:
            raise UnknownPoint(f'The name of a hook point is expected, such as "pre-route", not {point!r}')
        return self._mount.key(self._known.get(point, point))

    def add(self, point: str, function: HookFunction, name: str | None = None) -> None:
        """Add a function behind the others of a point (Wookie 9); twice added, it runs twice (10)."""
        key = self.key(point)
        board = self._mount.board
        if key not in board.points:
            self._add_misspelt(key, point)
        hook = board.attach(key, function, name=name, author=self._mount.author(), append=True)
        if name is None:
            self.nameless.add(hook.id)

    def _add_misspelt(self, key: str, point: str) -> None:
        """Keep what Wookie keeps, and say what Wookie does not (16)."""
        text = f"Wookie has no hook point {point!r}: what is added here never runs{near(point, self._known)}"
        self._mount.board.add_points([Point(key, _MISSPELT, doc=text, title=point)])
        self._mount.note(UnknownPoint(text), point=key)
        warn_caller(text)

    def remove(self, point: str, which: HookFunction | str) -> None:
        """Remove every hook of a point that has this function or name (11); without one, nothing (12)."""
        board = self._mount.board
        key = self.key(point)
        if key not in board.points:
            return
        for row in board.state.of(key):
            if self._is(row.hook, which):
                board.remove(row.hook.id, author=self._mount.author(), point=key)
                self.nameless.discard(row.hook.id)

    def _is(self, hook: Hook, which: Any) -> bool:
        if isinstance(which, str):
            return hook.name == which and hook.id not in self.nameless
        return hook.function is which or (isinstance(which, MethodType) and hook.function == which)

    def clear(self, point: str | None = None) -> None:
        """Remove all hooks of a point, or of all of them."""
        board = self._mount.board
        keys = [self.key(point)] if point is not None else self.own_keys()
        for key in keys:
            if board.state.of(key):
                board.clear(key, author=self._mount.author())

    def own_keys(self) -> list[str]:
        """Give the board's keys of this mount's points, misspelt ones too."""
        prefix = self._mount.key("")
        return [
            key for key in self._mount.board.points if key.startswith(prefix) and (prefix or key[0] != "/")
        ]
