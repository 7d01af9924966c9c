"""Stepping: as if nobody watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import pytest

from workbench.trace.stepping import stepped


class _Watcher:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.log: list[Any] = []

    def step_in(self, _position: int) -> None:
        """Note a step."""
        self.log.append("in")

    def step_out(self, _position: int, _token: object) -> None:
        """Note its end."""
        self.log.append("out")

    def done(self, _position: int, error: BaseException | None) -> None:
        """Note the end of all."""
        self.log.append(type(error).__name__)


class _Bare:
    """An awaitable whose iterator can be neither sent to, thrown into nor closed."""

    def __await__(self) -> Any:
        return iter([None, None])


async def _watched(watcher: _Watcher, make: Callable[[], Any]) -> Any:
    return await stepped(watcher, 0, make())


def test_values_timeouts_and_bare_iterators_pass_through() -> None:
    """A result comes back, a timeout inside the hook is its own, and any iterator will do."""
    watcher = _Watcher()

    async def hook() -> str:
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            return "timed out"
        return "never"

    assert asyncio.run(_watched(watcher, hook)) == "timed out"
    assert watcher.log == ["in", "out", "in", "out", "NoneType"]
    assert asyncio.run(_watched(watcher, _Bare)) is None


def test_throwing_and_closing_reach_the_hook() -> None:
    """What is thrown in goes into the hook, or comes out where the hook cannot take it; closing closes."""

    def started(make: Callable[[], Any]) -> Generator[Any, Any, Any]:
        flow: Generator[Any, Any, Any] = stepped(_Watcher(), 0, make())
        flow.send(None)
        return flow

    closed: list[str] = []

    async def hook() -> None:
        try:
            await _Bare()
        finally:
            closed.append("closed")

    with pytest.raises(ValueError, match="x"):
        started(hook).throw(ValueError("x"))
    with pytest.raises(ValueError, match="x"):
        started(_Bare).throw(ValueError("x"))
    started(hook).close()
    started(_Bare).close()
    assert closed == ["closed", "closed"]
