"""Whoever wants to hear that something has changed."""

from __future__ import annotations

__all__ = ["Watchers"]

from collections.abc import Callable


class Watchers:
    """Functions that are called after every change, on whichever thread it is made."""

    def __init__(self) -> None:
        self._all: list[Callable[[], object]] = []

    def add(self, changed: Callable[[], object]) -> Callable[[], None]:
        """Have a function called after every change.

        Returns
        -------
        callable
            Ends it; more than once does no harm.
        """
        self._all.append(changed)

        def remove() -> None:
            if changed in self._all:
                self._all.remove(changed)

        return remove

    def tell(self) -> None:
        """Call all of them; those who come or go meanwhile count from the next time."""
        for changed in tuple(self._all):
            changed()
