"""A bench of crossws and clients in memory, on one loop, so that nothing in a test is left to chance."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from workbench import Request, Workbench
from workbench.dialects.crossws.peer import Peer
from workbench.testing.memory import MemoryClient, MemoryWebSocket

__all__ = ["Stage", "only_peer", "play", "turns"]


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
        self.bench: Any = Workbench("crossws", name="test", **options)
        self.client: MemoryClient
        self.escaped: list[str] = []
        self.bench.on_error(lambda error: self.escaped.append(str(error)))

    async def connect(self, path: str = "/", **options: Any) -> MemoryWebSocket:
        """Connect a client."""
        return await self.client.connect(path, **options)

    async def request(self, path: str, handshake: Any) -> None:
        """Let the application answer a request for a WebSocket through a handshake of the test's own."""
        await self.bench._mount.app.upgrade(Request("GET", f"http://localhost{path}"), handshake)

    def outcomes(self, point: str) -> list[str]:
        """Give the outcomes of the dispatches at a point, as the trace has them."""
        frame = self.bench.trace.dispatches
        return [str(outcome) for outcome in frame[frame.point == point].outcome]


def play(scene: Callable[[Stage], Awaitable[None]], **options: Any) -> Stage:
    """Run a scene on a loop of its own; give the stage back, to look at what is left."""
    stage = Stage(**options)

    async def run() -> None:
        stage.client = MemoryClient(stage.bench._application)
        await scene(stage)
        stage.bench.stop_applications()
        await turns()

    asyncio.run(run())
    return stage


async def turns(count: int = 10) -> None:
    """Let everything that is ready happen."""
    for _ in range(count):
        await asyncio.sleep(0)


def only_peer(bench: Any, namespace: str = "/") -> Peer:
    """Give the one peer of a namespace."""
    (peer,) = bench.peers[namespace]
    assert isinstance(peer, Peer)
    return peer
