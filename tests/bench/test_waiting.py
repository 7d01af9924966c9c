"""What a cell waits for ends with the wait, whenever that is interrupted."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections.abc import Coroutine
from typing import Any

import pytest

from workbench import Workbench
from workbench.bench.waiting import wait_for
from workbench.server.server import HookServer
from workbench.testing import serving


class Interrupted:
    """A server at which the interrupt comes just after the coroutine was handed over."""

    def __init__(self, server: HookServer) -> None:
        self.loop = server.loop
        self._server = server

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        """Hand it over, and be interrupted before anybody has the future."""
        self._server.submit(coroutine)
        raise KeyboardInterrupt


def test_an_interrupt_before_the_future_is_in_hand_ends_the_coroutine() -> None:
    """It is cancelled on its loop, or never begins."""
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.append("ended")

    async def settled() -> int:
        await asyncio.sleep(0.05)
        return len(asyncio.all_tasks())

    with serving(Workbench("crossws")) as bench:
        server = bench.serving.server
        assert server is not None
        before = bench.run(settled())
        coroutine = long()
        with pytest.raises(KeyboardInterrupt):
            wait_for(Interrupted(server), coroutine, None)  # type: ignore[arg-type]
        assert bench.run(settled()) == before
        assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED  # ended, or never begun


def test_what_takes_longer_is_cancelled() -> None:
    """The wait ends in time, and the coroutine with it; a second is enough for it to have begun."""
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with serving(Workbench("crossws")) as bench:
        with pytest.raises(TimeoutError):
            bench.run(long(), timeout=1)
        bench.run(asyncio.sleep(0.05))

    assert ended == ["cancelled"]
