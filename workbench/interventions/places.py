"""Where faults and breakpoints act: at a hook point, in a chain with a name of its own, at one hook of it."""

from __future__ import annotations

__all__ = ["Place", "Places"]

from collections.abc import Callable
from dataclasses import dataclass

from workbench.engine.board import Board
from workbench.engine.errors import AmbiguousHook, UnknownHook
from workbench.engine.hooks import Hook
from workbench.engine.points import Point


@dataclass(frozen=True, slots=True)
class Place:
    """A hook point, or a chain that a system puts together from lanes of one.

    Attributes
    ----------
    name
        Under which its plans run: the point's key, or the name of the chain.
    point
        The point, with the arguments that its hooks get.
    hook
        Gives one of its hooks by anything that names it there.
    """

    name: str
    point: Point
    hook: Callable[[object], Hook]


class Places:
    """Finds what somebody names.

    Parameters
    ----------
    board
        Where the hooks are.
    find
        Gives a place by any of its names; raises UnknownPoint.
    """

    def __init__(self, board: Board, find: Callable[[str], Place]) -> None:
        self._board = board
        self.find = find

    def hook(self, ref: object, place: Place | None) -> Hook:
        """Give a hook by its id, name or function.

        Parameters
        ----------
        ref
            What names it; hooks that connections brought are found too.
        place
            Where it runs; None: anywhere.

        Raises
        ------
        UnknownHook, AmbiguousHook
            When there is none, or several.
        """
        for guest in self._board.guests():
            here = place is not None and place.name == guest.point
            if ref in (guest.id, guest) or (here and ref == guest.name):
                return guest
        return self._board.resolve(ref) if place is None else place.hook(ref)

    def spell(self, hook: Hook, place: Place | None) -> str:
        """Name a hook as `hook` finds it: by its name, or by its id where the name is not enough."""
        try:
            found = self.hook(hook.name, place)
        except (AmbiguousHook, UnknownHook):
            return hook.id
        return hook.name if found.id == hook.id else hook.id
