"""Where a face's frames are built: on an event loop, in one thread, one after the other.

That is one small loop in a daemon thread, which all faces of the process share. It works while a bench is
stopped, and a frame that takes long to build (a filter over a million events) holds no bench's own loop up.
"""

from __future__ import annotations

__all__ = ["LoopScheduler", "Scheduler", "Timer", "shared_scheduler"]

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """What `Scheduler.call_later` returns."""

    def cancel(self) -> None:
        """Have it not happen."""


class Scheduler(Protocol):
    """One thread that does things in order."""

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have a function called on the scheduler's thread; from any thread, in order."""

    def call_later(self, delay: float, function: Callable[[], object]) -> Timer:
        """Have a function called after so many seconds; on the scheduler's thread only."""

    def clock(self) -> float:
        """Return seconds of a clock that never goes back."""


class LoopScheduler:
    """A `Scheduler` over an asyncio loop that runs already.

    Parameters
    ----------
    loop
        The loop; once it is closed, nothing more happens and nothing is raised.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have a function called on the loop; from any thread, in order."""
        with contextlib.suppress(RuntimeError):  # the loop is closed, and with it whoever would have listened
            self._loop.call_soon_threadsafe(function)

    def call_later(self, delay: float, function: Callable[[], object]) -> Timer:
        """Have a function called after so many seconds; on the loop's thread only."""
        return self._loop.call_later(delay, function)

    def clock(self) -> float:
        """Return the loop's clock, in seconds."""
        return self._loop.time()


_lock = threading.Lock()
_shared: list[LoopScheduler] = []


def shared_scheduler() -> LoopScheduler:
    """Return the scheduler of all faces of this process; its thread starts at the first call."""
    with _lock:
        if not _shared:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="workbench views", daemon=True).start()
            _shared.append(LoopScheduler(loop))
        return _shared[0]
