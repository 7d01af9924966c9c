"""A scheduler whose time passes when it is told to, for what sends frames at a pace."""

from __future__ import annotations

__all__ = ["FakeScheduler"]

import heapq
from collections.abc import Callable
from itertools import count


class _Timer:
    __slots__ = ("cancelled", "function")

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeScheduler:
    """Stands in for an event loop's timers: nothing happens but in `advance`.

    Examples
    --------
    >>> scheduler, done = FakeScheduler(), []
    >>> _ = scheduler.call_later(2.0, lambda: done.append(scheduler.clock()))
    >>> scheduler.advance(5.0)
    >>> done
    [2.0]
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._order = count()
        self._queue: list[tuple[float, int, _Timer]] = []

    def clock(self) -> float:
        """Tell the time in seconds; it begins with 0."""
        return self._now

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have a function called at the next `advance`, before time passes."""
        self.call_later(0.0, function)

    def call_later(self, delay: float, function: Callable[[], object]) -> _Timer:
        """Have a function called once so many seconds have passed."""
        timer = _Timer(function)
        heapq.heappush(self._queue, (self._now + max(delay, 0.0), next(self._order), timer))
        return timer

    def advance(self, seconds: float = 0.0) -> None:
        """Let time pass and call what is due, each at its own time.

        Parameters
        ----------
        seconds
            How much; 0 calls what is due now, and what that has called soon.
        """
        until = self._now + seconds
        while self._queue and self._queue[0][0] <= until:
            at, _, timer = heapq.heappop(self._queue)
            self._now = max(self._now, at)
            if not timer.cancelled:
                timer.function()
        self._now = until
