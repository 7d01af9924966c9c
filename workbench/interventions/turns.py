"""Events that wait until the next one of their connection has gone first."""

from __future__ import annotations

__all__ = ["Turns"]

import asyncio
from collections.abc import Callable, Hashable
from typing import Any

from workbench.engine.awaiting import must_await


class Turns:
    """Swaps events with the ones that follow them; used on one loop at a time."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, asyncio.Event] = {}

    @staticmethod
    def can_wait() -> bool:
        """Tell whether a loop runs in this thread."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    def waits(self, key: Hashable) -> bool:
        """Tell whether an event waits there."""
        return key in self._waiting

    def after_next(self, key: Hashable, seconds: float, run: Callable[[], Any]) -> Any:
        """Make the coroutine that runs something after the next event, or when none comes in that time.

        Parameters
        ----------
        key
            Of whom the next event is.
        seconds
            How long to wait for it.
        run
            What to run then; its answer, awaited where it must be, is the coroutine's.
        """
        gone = self._waiting[key] = asyncio.Event()

        async def later() -> Any:
            try:
                async with asyncio.timeout(seconds):
                    await gone.wait()
            except TimeoutError:
                pass
            finally:
                if self._waiting.get(key) is gone:
                    del self._waiting[key]
            answer = run()
            return await answer if must_await(answer) else answer

        return later()

    def next_has_run(self, key: Hashable) -> None:
        """Let the event go on that waits there, if any."""
        gone = self._waiting.pop(key, None)
        if gone is not None:
            gone.set()
