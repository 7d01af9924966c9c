"""What a bench says of itself: to the list of servers in Jupyter, and to whoever asks its status."""

from __future__ import annotations

__all__ = ["Status"]

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench

_SHORTEST = 0.25
"""Seconds; the rate of a shorter span tells chance."""


class Status:
    """Answers ``/_workbench/status``.

    Parameters
    ----------
    bench
        Whose status.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._last = (time.monotonic(), 0, 0.0)

    def __call__(self) -> dict[str, Any]:
        """Give the bench's state as JSON."""
        bench = self._bench
        state, reason = bench.state
        return {
            "name": bench.name,
            "dialect": bench.dialect,
            "state": state,
            "reason": reason,
            "rate": self._rate(),
            "errors": bench.trace.failures.total,
            "clients": bench.trace.registry.open,
            "revision": bench.revision,
        }

    def _rate(self) -> float:
        """Events per second since the last time somebody asked, a quarter of a second at least."""
        then, count, rate = self._last
        now, total = time.monotonic(), self._bench.trace.recorder.events
        if now - then >= _SHORTEST:
            rate = max(0, total - count) / (now - then)
            self._last = (now, total, rate)
        return round(rate, 1)
