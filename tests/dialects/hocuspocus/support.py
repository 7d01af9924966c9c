"""A bench of Hocuspocus and clients in memory, which speak the wire format by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pycrdt import Doc, Map

from workbench import Workbench
from workbench.dialects.hocuspocus import wire
from workbench.dialects.hocuspocus.wire import Frames, Reader
from workbench.testing.memory import MemoryClient, MemoryWebSocket

__all__ = ["Client", "Stage", "change", "decoded", "play"]

PATIENCE = 20.0


def change(client: int = 7, /, **values: Any) -> bytes:
    """Make an update that sets entries of the map `m`."""
    document: Doc[Any] = Doc(client_id=client)
    document.get("m", type=Map).update(values)
    return document.get_update()


def decoded(frame: bytes) -> tuple[Any, ...]:
    """Read a frame of the server: its kind in words, and what it holds."""
    reader = Reader(frame)
    reader.text()
    kind = reader.uint()
    if kind == wire.SYNC:
        return (("step 1", "step 2", "update")[reader.uint()], reader.blob())
    if kind == wire.AWARENESS:
        return ("awareness", [tuple(entry) for entry in wire.awareness_entries(reader.blob())])
    if kind == wire.AUTH:
        step = reader.uint()
        return (("token request", "denied", "authenticated")[step], None if reader.at_end else reader.text())
    if kind in (wire.STATELESS, wire.CLOSE):
        return ("stateless" if kind == wire.STATELESS else "close", reader.text())
    return ("status", reader.uint())


class Client:
    """A client of one document.

    Parameters
    ----------
    ws
        Its socket; several clients may share one.
    address
        The document's name, or name, NUL and session.
    """

    def __init__(self, ws: MemoryWebSocket, address: str) -> None:
        self.ws = ws
        self.frames = Frames(address)

    def send(self, *frames: bytes) -> None:
        """Send frames."""
        for frame in frames:
            self.ws.send(frame)

    async def next(self, kind: str | None = None) -> tuple[Any, ...]:
        """Give the next frame, or the next of a kind."""
        while True:
            frame = decoded(await self._receive())
            if kind in (None, frame[0]):
                return frame

    async def _receive(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            data = await self.ws.receive()
        assert isinstance(data, bytes)
        return data

    async def enter(self, token: str = "token") -> tuple[Any, ...]:
        """Authenticate; what the server says to it."""
        self.send(self.frames.token(token))
        while (frame := await self.next())[0] not in ("authenticated", "denied"):
            pass
        return frame


class Stage:
    """What a scene is given: a bench, its clients, and the errors that nobody handled."""

    def __init__(self, **options: Any) -> None:
        self.bench: Any = Workbench("hocuspocus", name="test", **{"database": None, **options})
        self.app: Any = self.bench._mount.app
        self.client: MemoryClient
        self.escaped: list[str] = []
        self.bench.on_error(lambda error: self.escaped.append(str(error)))

    async def connect(self, address: str = "doc", **options: Any) -> Client:
        """Open a socket for a client of a document."""
        return Client(await self.client.connect("/", **options), address)

    async def entered(self, address: str = "doc", token: str = "token") -> Client:
        """Open a socket and authenticate."""
        client = await self.connect(address)
        assert (await client.enter(token))[0] == "authenticated"
        return client

    def moments(self) -> list[str]:
        """Give the texts of the trace's moments."""
        return [str(text) for text in self.bench.trace.moments["text"]]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  # it looks at a server that tells nobody
                await asyncio.sleep(0.005)


def play(scene: Callable[[Stage], Awaitable[None]], **options: Any) -> Stage:
    """Run a scene on a loop of its own; give the stage back, to look at what is left."""
    stage = Stage(**options)

    async def run() -> None:
        stage.client = MemoryClient(stage.bench._application)
        try:
            await scene(stage)
        finally:
            rest = stage.bench.stop_applications()
            if rest is not None:
                await rest

    asyncio.run(run())
    return stage
