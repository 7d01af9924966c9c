"""A bench with two plain hooks, and clients in memory to talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from workbench import Workbench
from workbench.testing.memory import MemoryClient, MemoryWebSocket

_SHORT_WAITS = 10


def a_bench(dialect: str = "crossws") -> Workbench:
    """Make a bench that shouts what it is told."""
    bench = Workbench(dialect, name="stepped")

    @bench.hook("message")
    def shout(_peer: Any, message: Any) -> None:
        message.raw_data = message.text().upper()

    @bench.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    return bench


def served(bench: Workbench, talk: Callable[[MemoryClient], Awaitable[Any]]) -> Any:
    """Talk to the bench from a loop of its own."""

    async def main() -> Any:
        return await asyncio.wait_for(talk(MemoryClient(bench._application)), 20)

    return asyncio.run(main())


def told(bench: Workbench, *texts: str, wait: float = 0.05) -> list[str]:
    """Send texts on one WebSocket; what came back within that time after each answer."""

    async def talk(client: MemoryClient) -> list[str]:
        return await answers(await client.connect("/"), *texts, wait=wait)

    result: list[str] = served(bench, talk)
    return result


async def answers(socket: MemoryWebSocket, *texts: str, wait: float = 0.05) -> list[str]:
    """Send texts; what came back, until nothing does for a while.

    That while is a number of short ones, between which the loop goes on: a machine may stand still in one.
    """
    for text in texts:
        socket.send(text)
    heard: list[str] = []
    silent = 0
    while silent < _SHORT_WAITS:
        try:
            heard.append(str(await asyncio.wait_for(socket.receive(), wait / _SHORT_WAITS)))
            silent = 0
        except TimeoutError:
            silent += 1
    return heard


async def until(holds: Callable[[], Any]) -> Any:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not (found := holds()):  # noqa: ASYNC110 - whatever it is, nothing else says so
            await asyncio.sleep(0.002)
    return found
