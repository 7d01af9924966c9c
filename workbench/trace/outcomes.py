"""Outcomes of calls and dispatches, as numbers."""

from __future__ import annotations

import asyncio
from typing import Final

from workbench.engine.errors import EventDropped

__all__ = [
    "CANCELLED", "CHANGED", "OK", "OUTCOMES", "PENDING", "RAISED", "SKIPPED", "STOPPED", "outcome_of",
]  # fmt: skip

OUTCOMES: Final = ("ok", "changed", "stopped", "raised", "skipped", "cancelled", "pending")
"""Their names; the number of an outcome is its place here."""

OK, CHANGED, STOPPED, RAISED, SKIPPED, CANCELLED, PENDING = range(len(OUTCOMES))


def outcome_of(error: BaseException) -> int:
    """Tell an error from a cancellation, and from the end that a fault or a breakpoint puts to an event.

    Parameters
    ----------
    error
        What ended a call.
    """
    if isinstance(error, EventDropped):
        return STOPPED
    return CANCELLED if isinstance(error, asyncio.CancelledError | GeneratorExit) else RAISED
