"""What cannot be written out, and for whom it was to be."""

from __future__ import annotations

__all__ = ["Asker", "Trouble"]

from dataclasses import dataclass

from workbench.bench.sources import Space


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that cannot be written out.

    Attributes
    ----------
    hook
        Name of the hook that needs it, or what else does: ``the route GET /health``.
    what
        What it is, for people.
    where
        File or cell, and line.
    """

    hook: str
    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.hook}: {self.what} ({self.where})"


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom something is written, so that a trouble can be named.

    Attributes
    ----------
    subject
        Hook, route or setting.
    where
        File or cell, and line, of the code that needs it.
    words
        How the sentence begins: ``echo closes over held,``.
    space
        The variables around.
    """

    subject: str
    where: str
    words: str
    space: Space
