"""How simulated clients speak: WebSocket messages, or HTTP requests, from a template."""

from __future__ import annotations

__all__ = ["HttpPlayer", "Player", "WebSocketPlayer", "filled"]

import asyncio
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httptools
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from workbench.client.traffic.tally import Tally

_MARK = re.compile(r"\d+-\d+")
_OPEN_TIMEOUT = 10.0
_PATIENCE = 1.0  # seconds in which a message of the measurement is got past, or counts all the same


def filled(text: str, client: int, number: int) -> str:
    """Put the numbers of client and message into a template: ``$client``, ``$n``, and ``$id`` for both."""
    return (
        text.replace("$id", f"{client}-{number}").replace("$client", str(client)).replace("$n", str(number))
    )


class Player(ABC):
    """One simulated client.

    Parameters
    ----------
    number
        Its number, from 1.
    plan
        What `worker` was given: ws_url, url, headers, and the template.
    tally
        Counts.
    """

    def __init__(self, number: int, plan: Mapping[str, Any], tally: Tally) -> None:
        self.number = number
        self.tally = tally
        self._plan = plan
        self._template: Mapping[str, Any] = plan["template"]
        self._messages: list[str] = list(self._template["messages"])
        self._sent = 0

    @abstractmethod
    async def begin(self) -> bool:
        """Connect; False: refused."""

    @abstractmethod
    async def send(self) -> None:
        """Send the next message."""

    @abstractmethod
    async def probe(self) -> None:
        """Send the next message, and come back when the server has got past it."""

    @property
    def waiting(self) -> int:
        """How many messages wait for an answer."""
        return 0

    def forget(self) -> None:  # noqa: B027 - nothing is the rule
        """Wait for no answer any more; a client that asks one thing at a time waits for none."""

    @abstractmethod
    async def end(self) -> None:
        """Let go."""

    def _next(self) -> tuple[str, str]:
        """Give the next message and its id."""
        number, self._sent = self._sent, self._sent + 1
        text = self._messages[number % len(self._messages)]
        return filled(text, self.number, number), f"{self.number}-{number}"


class WebSocketPlayer(Player):
    """A client that sends texts; an answer is what has its message's id in it, else what comes next."""

    _socket: ClientConnection

    def __init__(self, number: int, plan: Mapping[str, Any], tally: Tally) -> None:
        super().__init__(number, plan, tally)
        self._waiting: dict[str, float] = {}
        self._answered = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._replies: Mapping[str, str] = self._template.get("replies", {})
        self._answer = re.compile(self._template["answer"]) if self._template.get("answer") else None
        self._refusal = re.compile(self._template["refusal"]) if self._template.get("refusal") else None

    async def begin(self) -> bool:
        """Connect, and say what the template begins with."""
        try:
            self._socket = await connect(
                self._plan["ws_url"] + filled(self._template["path"], self.number, 0),
                additional_headers=dict(self._plan["headers"]),
                subprotocols=[Subprotocol(one) for one in self._template.get("protocols", ())] or None,
                open_timeout=_OPEN_TIMEOUT,
                ping_interval=None,
                max_size=None,
                proxy=None,
            )
        except (InvalidHandshake, OSError, TimeoutError):
            return False
        if not await self._greet():
            await self._socket.close()
            return False
        self._reader = asyncio.create_task(self._read())
        return True

    async def _greet(self) -> bool:
        """Say what the template begins with; False: not let in."""
        for text in self._template.get("hello", ()):
            await self._socket.send(filled(text, self.number, 0))
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await self._socket.recv()
        return True

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for message in self._socket:
                await self._read_one(message)
        self.tally.refused += len(self._waiting)
        self._waiting.clear()

    async def _read_one(self, data: str | bytes) -> None:
        """Take what came: an answer, a question of the server's, or neither."""
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        if text in self._replies:
            await self._socket.send(self._replies[text])
            return
        if self._answer is not None:
            told = self._answer.search(text)
            mark = f"{self.number}-{told[1]}" if told is not None else ""
            self._settle(mark if mark in self._waiting else None, refused=self._refuses(text))
            return
        marks = _MARK.findall(text)
        mine = next((mark for mark in marks if mark in self._waiting), None)
        if mine is None and not marks:  # with another's mark it is for another client
            mine = next(iter(self._waiting), None)
        self._settle(mine, refused=self._refuses(text))

    def _refuses(self, text: str) -> bool:
        return self._refusal is not None and self._refusal.search(text) is not None

    def _settle(self, identity: str | None, *, refused: bool) -> None:
        """Count the answer to a message; None: there is none that it answers."""
        if identity is not None:
            self._answered.set()
            self.tally.answer(self._waiting.pop(identity), refused=refused)

    def _encoded(self, text: str) -> str | bytes:
        """Give what goes over the wire for a text."""
        return text

    async def send(self) -> None:
        """Send the next message; a connection that is gone refuses it."""
        text, identity = self._next()
        self.tally.sent += 1
        self._waiting[identity] = time.perf_counter()
        try:
            await self._socket.send(self._encoded(text))
        except ConnectionClosed:
            if self._waiting.pop(identity, None) is not None:
                self.tally.refused += 1

    async def probe(self) -> None:
        """Send, then wait for an answer, or for the pong to a ping behind it where nothing answers."""
        self._answered.clear()
        await self.send()
        pong = asyncio.ensure_future(await self._socket.ping())
        heard = asyncio.create_task(self._answered.wait())
        await asyncio.wait((pong, heard), timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()

    @property
    def waiting(self) -> int:
        """How many messages wait for an answer."""
        return len(self._waiting)

    def forget(self) -> None:
        """Wait for no answer any more; a client that asks one thing at a time waits for none."""
        self._waiting.clear()

    async def end(self) -> None:
        """Close."""
        await self._socket.close()
        if self._reader is not None:
            await self._reader


class HttpPlayer(Player):
    """A client that sends requests on a connection that it keeps; a status from 400 on is a refusal."""

    def __init__(self, number: int, plan: Mapping[str, Any], tally: Tally) -> None:
        super().__init__(number, plan, tally)
        place = urlsplit(plan["url"])
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    async def begin(self) -> bool:
        """Connect."""
        try:
            self._streams = await asyncio.open_connection(self._host, self._port)
        except OSError:
            return False
        return True

    async def send(self) -> None:
        """Send the next request as soon as the one before is answered."""
        self.tally.sent += 1
        task = asyncio.create_task(self._exchange(time.perf_counter()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def probe(self) -> None:
        """Send a request and wait for its answer."""
        self.tally.sent += 1
        await self._exchange(time.perf_counter())

    async def _exchange(self, since: float) -> None:
        async with self._turn:
            try:
                if self._streams is None and not await self.begin():
                    raise ConnectionError
                status = await self._ask()
            except (OSError, EOFError, httptools.HttpParserError):
                self._streams = None
                self.tally.refused += 1
            else:
                self.tally.answer(since, refused=status >= 400)  # noqa: PLR2004 - the classes of errors

    async def _ask(self) -> int:
        assert self._streams is not None  # noqa: S101 - begun above
        reader, writer = self._streams
        body, _ = self._next()
        data = body.encode()
        path = filled(self._template["path"], self.number, self._sent - 1)
        fields = {
            "host": f"{self._host}:{self._port}",
            "content-length": str(len(data)),
            **self._plan["headers"],
            **self._template.get("headers", {}),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"{self._template.get('method', 'GET')} {path} HTTP/1.1\r\n{head}\r\n".encode() + data)
        await writer.drain()
        answer = _Answer()
        parser = httptools.HttpResponseParser(answer)
        while not answer.done:
            received = await reader.read(65536)
            if not received:
                raise EOFError
            parser.feed_data(received)
        if not parser.should_keep_alive():
            self._streams = None
        return int(parser.get_status_code())

    async def end(self) -> None:
        """Close; what is not answered stays so."""
        for task in self._tasks:
            task.cancel()
        if self._streams is not None:
            self._streams[1].close()


class _Answer:
    done = False

    def on_message_complete(self) -> None:
        self.done = True
