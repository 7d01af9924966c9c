"""A bench of Wookie and clients in memory, on one loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from workbench import Response, Workbench
from workbench.server.memory import MemoryConnection
from workbench.server.options import ServerOptions
from workbench.testing.memory import MemoryClient, make_head

__all__ = ["Stage", "play", "turns", "until"]


class Stage:
    """What a scene is given.

    Attributes
    ----------
    bench
        With the options of `play`.
    client
        Connects to it in memory.
    escaped
        The errors that nobody handled, as texts.
    """

    def __init__(self, **options: Any) -> None:
        self.bench: Any = Workbench("wookie", name="test", **options)
        self.client: MemoryClient
        self.escaped: list[str] = []
        self.bench.on_error(lambda error: self.escaped.append(str(error)))

    def route(self, function: Callable[..., Any], path: str = "/", method: str = "*", **options: Any) -> None:
        """Add a route."""
        self.bench.route(method, path, **options)(function)

    async def get(self, path: str = "/", **headers: str) -> Response:
        """Ask, on a connection of its own."""
        return await self.client.fetch("GET", path, headers=headers)

    async def post(self, body: Any, path: str = "/") -> Response:
        """Send a body."""
        return await self.client.fetch("POST", path, body=body)

    async def ask(self, connection: MemoryConnection, path: str = "/") -> Response:
        """Ask on a connection."""
        return await connection.exchange(make_head("GET", path))

    def moments(self) -> list[str]:
        """Give what happened beside the hooks, in words."""
        return [f"{one.kind}: {one.text}" for one in self.bench.trace.recorder.moments.rows()]


def play(scene: Callable[[Stage], Awaitable[None]], **options: Any) -> Stage:
    """Run a scene on a loop of its own; give the stage back, to look at what is left."""
    stage = Stage(**options)

    async def run() -> None:
        stage.client = MemoryClient(stage.bench._application, ServerOptions(hosts="*"))
        await scene(stage)
        stage.bench.stop_applications()
        await turns()

    asyncio.run(run())
    return stage


async def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(0.005)


async def turns(count: int = 10) -> None:
    """Let everything that is ready happen."""
    for _ in range(count):
        await asyncio.sleep(0)
