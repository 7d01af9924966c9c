"""The parts of a file and the order in which they can run."""

from __future__ import annotations

__all__ = ["Piece", "Pieces"]

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self


@dataclass(slots=True)
class Piece:
    """One constant or definition.

    Attributes
    ----------
    text
        What the file has of it.
    place
        Where it stood: number of the cell, line; what stood nowhere comes first.
    needs
        Names that must be there when it runs.
    uses
        Names that must be there when what it defines is called.
    """

    place: tuple[int, int]
    text: str = ""
    needs: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)

    def write(self, text: str) -> None:
        """Set the text."""
        self.text = text.rstrip()


@dataclass
class Pieces:
    """Imports, constants and definitions by name.

    Attributes
    ----------
    imports
        Lines.
    after
        Lines that can only stand at the end, behind the bench.
    """

    imports: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    _pieces: dict[str, Piece] = field(default_factory=dict)
    _open: list[Piece] = field(default_factory=lambda: [Piece((0, 0))])

    def copy(self) -> Self:
        """Copy what there is, to come back to it."""
        return type(self)(self.imports.copy(), self.after.copy(), self._pieces.copy(), self._open)

    @contextmanager
    def open(self, name: str, place: tuple[int, int] | None = None) -> Iterator[Piece]:
        """Write a piece; what is used meanwhile is what it needs."""
        piece = self._pieces[name] = Piece((-1, len(self._pieces)) if place is None else place)
        self._open.append(piece)
        try:
            yield piece
        finally:
            self._open.pop()

    def use(self, name: str) -> str:
        """Note that the piece being written needs a name to run; gives the name."""
        self._open[-1].needs.add(name)
        return name

    def use_later(self, name: str) -> None:
        """Note that it needs a name only when what it defines is called."""
        self._open[-1].uses.add(name)

    def missing(self, names: set[str]) -> set[str]:
        """Give all pieces that some names stand on, themselves included."""
        found: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name in self._pieces and name not in found:
                found.add(name)
                pending += self._pieces[name].needs | self._pieces[name].uses
        return found

    def in_order(self) -> list[str]:
        """Give the text of each piece as they stood, but none before what it needs."""
        waiting = {
            name: self.missing(piece.needs) - {name} for name, piece in self._pieces.items() if piece.text
        }
        ordered = []
        while waiting:
            ready = [name for name, needs in waiting.items() if not needs & waiting.keys()]
            name = min(ready or waiting, key=lambda one: self._pieces[one].place)
            ordered.append(self._pieces[name].text)
            del waiting[name]
        return ordered
