"""Waiting in a cell for what runs on the bench's loop, and giving it up when the cell is interrupted."""

from __future__ import annotations

__all__ = ["wait_for"]

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

from workbench.engine.rehearsal import refuse, rehearsing
from workbench.server.server import HookServer

T = TypeVar("T")


class _Waited(Generic[T]):
    """A coroutine that somebody waits for on another thread.

    An interrupt may come at any moment, before the future is in anybody's hands too; so it is the loop that
    ends the coroutine, wherever it is by then.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._task: asyncio.Task[Any] | None = None
        self._given_up = False

    async def run(self) -> T:
        """Run it, unless nobody waits any more."""
        if self._given_up:
            self._coroutine.close()
            raise asyncio.CancelledError
        self._task = asyncio.current_task()
        return await self._coroutine

    def give_up(self) -> None:
        """End it; called on the loop."""
        self._given_up = True
        if self._task is not None:
            self._task.cancel()


def wait_for(server: HookServer, coroutine: Coroutine[Any, Any, T], timeout: float | None) -> T:
    """Run a coroutine on a server's loop and wait for its result.

    Parameters
    ----------
    server
        One that runs; this is not its thread.
    coroutine
        What to run; it is cancelled when the wait ends before it does.
    timeout
        Seconds; None waits for ever.

    Raises
    ------
    NotRunning, TimeoutError
        As `Workbench.run` says.
    """
    if rehearsing():
        coroutine.close()
    refuse("bench.run(...)")
    waited = _Waited(coroutine)
    loop = server.loop
    try:
        return server.submit(waited.run()).result(timeout)
    except BaseException:  # interrupted, or too late: nobody waits for it any more
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(waited.give_up)
        raise
