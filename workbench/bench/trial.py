"""Trying a draft on copies of recorded events, with stand-ins."""

from __future__ import annotations

__all__ = ["Trial", "Tried"]

from dataclasses import dataclass
from typing import Literal

from workbench.bench.drafts import Problem

Outcome = Literal["ok", "changed", "raised", "late"]


@dataclass(frozen=True, slots=True)
class Tried:
    """How the draft did on one event.

    Attributes
    ----------
    dispatch
        Number of the event.
    outcome
        ``ok``, ``changed`` (payload, context or answer), ``raised`` or ``late``.
    says
        What it raised, or why it is late; else empty.
    line
        Of the draft, where it raised; None elsewhere.
    printed
        What it printed.
    """

    dispatch: int
    outcome: Outcome
    says: str = ""
    line: int | None = None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a draft did on recorded events.

    Attributes
    ----------
    events
        Those on which it was called, newest first.
    skipped
        Why it was not called, or on fewer than there are; empty: nothing to say.
    problems
        Why it should not be taken in.
    """

    events: tuple[Tried, ...] = ()
    skipped: str = ""
    problems: tuple[Problem, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Count the events that came out so."""
        return sum(one.outcome == outcome for one in self.events)
