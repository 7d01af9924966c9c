"""How clients get in: one by one, each by itself, and nobody is forgotten when the door closes."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

from workbench.server import door
from workbench.server.door import Door
from workbench.server.loops import new_loop

pytestmark = pytest.mark.usefixtures("either_loop")
told: ContextVar[str] = ContextVar("told", default="nothing")


class Listener(socket.socket):
    """A listening socket that fails as often as it is told to, and counts whom it lets in."""

    def __init__(self, *failures: int) -> None:
        super().__init__()
        self.failures = list(failures)
        self.came = 0
        self.bind(("127.0.0.1", 0))
        self.listen()
        self.setblocking(False)

    def accept(self) -> tuple[socket.socket, Any]:
        """Fail, or let in."""
        if self.failures:
            number = self.failures.pop(0)
            raise OSError(number, "planned")
        client = super().accept()
        self.came += 1
        return client

    async def knock(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Come as a client."""
        return await asyncio.open_connection(*self.getsockname())


class Telling(asyncio.Protocol):
    """Tells each client what was told in its context before, and tells that context what it sends."""

    def __init__(self) -> None:
        self.gone = False

    def connection_made(self, transport: Any) -> None:
        """Keep it."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Tell."""
        self.transport.write(told.get().encode() + b"\n")
        told.set(data.decode())

    def connection_lost(self, _exc: Exception | None) -> None:
        """Note it."""
        self.gone = True


class Stage:
    """A door with a listener, on a loop of its own."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.made: list[Telling] = []
        self.errors: list[BaseException] = []
        self.door = Door(listener, self._make, None, lambda error, _: self.errors.append(error))

    def _make(self) -> Telling:
        self.made.append(Telling())
        return self.made[-1]

    async def end(self) -> None:
        """Close the door and cut those who are in."""
        await self.door.close()
        for one in self.made:
            one.transport.abort()
        await asyncio.sleep(0)


def play(scene: Callable[[Stage], Coroutine[Any, Any, None]], *failures: int) -> None:
    """Run a test on a server's loop."""

    async def main() -> None:
        stage = Stage(Listener(*failures))
        try:
            async with asyncio.timeout(20):
                await scene(stage)
        finally:
            await stage.end()

    loop = new_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


def test_each_client_has_a_context_of_its_own() -> None:
    """A variable that is set for one is not there for the next, and stays with that one."""

    async def scene(stage: Stage) -> None:
        answers = []
        clients = [await stage.listener.knock() for _ in range(2)]
        for word in (b"a", b"b"):
            for reader, writer in clients:
                writer.write(word)
                answers.append(await reader.readline())
        assert answers == [b"nothing\n", b"nothing\n", b"a\n", b"a\n"]
        for _, writer in clients:
            writer.close()

    play(scene)


def test_who_has_gone_again_is_nobody() -> None:
    """The next one is let in."""

    async def scene(stage: Stage) -> None:
        reader, writer = await stage.listener.knock()
        writer.write(b"a")
        assert await reader.readline() == b"nothing\n"
        writer.close()
        assert stage.errors == []

    play(scene, errno.ECONNABORTED)


def test_without_descriptors_clients_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reported once for each try, with a pause between them; who came meanwhile is let in after it."""
    monkeypatch.setattr(door, "_PAUSE", 0.01)

    async def scene(stage: Stage) -> None:
        reader, writer = await stage.listener.knock()
        writer.write(b"a")
        assert await reader.readline() == b"nothing\n"
        writer.close()
        assert [getattr(error, "errno", None) for error in stage.errors] == [errno.EMFILE] * 2

    play(scene, errno.EMFILE, errno.EMFILE)


def test_a_door_closes_while_it_waits_for_descriptors() -> None:
    """It does not open again."""

    async def scene(stage: Stage) -> None:
        _, writer = await stage.listener.knock()
        while not stage.errors:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await stage.door.close()
        assert stage.listener.fileno() == -1
        writer.close()

    play(scene, errno.EMFILE)


def test_whoever_is_in_when_it_closes_has_a_connection() -> None:
    """Nobody who was let in is forgotten."""

    async def scene(stage: Stage) -> None:
        writers = [(await stage.listener.knock())[1] for _ in range(3)]
        while not stage.listener.came:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await stage.door.close()
        assert len([one for one in stage.made if hasattr(one, "transport")]) == stage.listener.came
        assert stage.listener.fileno() == -1
        for writer in writers:
            writer.close()

    play(scene)


def test_loops_without_readers_ask_for_each_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """As asyncio's does on Windows: it lets in, pauses and closes all the same."""
    monkeypatch.setattr(door, "_PAUSE", 0.01)

    async def scene(stage: Stage) -> None:
        await stage.door.close()
        stage.listener = Listener(errno.ECONNABORTED, errno.EMFILE)
        monkeypatch.setattr(
            Door, "_open", lambda door: setattr(door, "_keeper", asyncio.create_task(door._keep()))
        )
        again = Stage(stage.listener)
        reader, writer = await stage.listener.knock()
        writer.write(b"a")
        assert await reader.readline() == b"nothing\n"
        writer.close()
        assert [getattr(error, "errno", None) for error in again.errors] == [errno.EMFILE]
        await again.end()
        assert stage.listener.fileno() == -1

    play(scene)
