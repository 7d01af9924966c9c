"""One deadline that is moved often and seldom strikes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Deadline"]


class Deadline:
    """Calls `expired` once the time is up, unless it was moved or ended before.

    Moving it later costs no timer: the one there is looks again when it strikes.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, expired: Callable[[], None]) -> None:
        self._loop = loop
        self._expired = expired
        self._at: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._strikes = 0.0  # when that timer does

    def set(self, seconds: float | None) -> None:
        """Strike so much later than now; None: not at all."""
        if seconds is None:
            self._at = None
            return
        self._at = at = self._loop.time() + seconds
        if self._timer is None or self._strikes > at:
            self.end_timer()
            self._timer, self._strikes = self._loop.call_at(at, self._look), at

    def end_timer(self) -> None:
        """Leave nothing behind in the loop."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._at is None:
            return
        left = self._at - self._loop.time()
        if left > 0:
            self.set(left)
        else:
            self._at = None
            self._expired()
