"""The loop that a server runs on: uvloop's where there is one, with calls from other threads in order."""

from __future__ import annotations

import asyncio
import math
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple

try:
    import uvloop
except ImportError:  # Windows, PyPy
    uvloop = None  # type: ignore[assignment]

__all__ = ["SWITCH", "Posted", "new_loop", "posted_on"]

Ts = TypeVarTuple("Ts")
SWITCH = "WORKBENCH_LOOP"
"""An environment variable; where it says "asyncio", servers run on asyncio's loop."""


class Posted(deque[asyncio.Handle]):
    """Calls that other threads have asked a loop for, and that were not made so far."""

    def catch_up(self) -> None:
        """Make those that are here; on the loop."""
        for _ in range(len(self)):
            handle = self.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001 - nobody else knows how to run one


_NONE = Posted()
_LONG = 1e6  # seconds; pauses that long are nobody's business to the millisecond


def new_loop() -> asyncio.AbstractEventLoop:
    """Make a loop: uvloop's, or asyncio's where there is none or the environment asks for it.

    uvloop reads, writes and calls in C: a bare request costs 22 us of the processor where asyncio's Python
    takes 36, a message 8 where it takes 12.
    """
    if uvloop is None or os.environ.get(SWITCH) == "asyncio":
        return asyncio.new_event_loop()
    return _Ordered()


def posted_on(loop: asyncio.AbstractEventLoop) -> Posted:
    """Give what waits to be called before anything that is read; on asyncio's loop nothing ever does."""
    return getattr(loop, "posted", _NONE)


if uvloop is not None:
    # where the system has a coarse clock that counts milliseconds, uvloop reads that one, which lags
    _COARSE = 6  # CLOCK_MONOTONIC_COARSE
    _LAG = 1 if sys.platform == "linux" and 1000 * time.clock_getres(_COARSE) <= 1 else 0

    class _Ordered(uvloop.Loop):
        """Does what asyncio's loop does, and people count on.

        What is read waits for what was posted before it was sent: a cell that posts a call and then has a
        client send something expects them to happen in this order. uvloop may read first, so whoever takes
        bytes looks at `posted` before. And no pause is shorter than what was asked for: uvloop counts whole
        milliseconds of its clock, and may end one by more than one of them too early.
        """

        def __init__(self) -> None:
            super().__init__()
            self.posted = Posted()

        def call_soon_threadsafe(
            self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
        ) -> asyncio.Handle:
            """Call a function on the loop, from any thread."""
            handle = asyncio.Handle(callback, args, self, context)
            self.posted.append(handle)
            super().call_soon_threadsafe(self.posted.catch_up)
            return handle

        def call_later(
            self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
        ) -> asyncio.TimerHandle:
            """Call a function once so many seconds are over, and no earlier."""
            if 0 < delay < _LONG:
                gone = time.monotonic() * 1000 % 1  # of the millisecond that uvloop takes for the beginning
                delay = math.ceil(delay * 1000 + gone + _LAG) / 1000
            return super().call_later(delay, callback, *args, context=context)
