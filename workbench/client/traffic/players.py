"""How simulated clients speak: WebSocket messages, or HTTP requests, from a template."""

from __future__ import annotations

__all__ = ["HttpPlayer", "Player", "WebSocketPlayer", "filled", "one_line"]

import asyncio
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httptools
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from workbench.client.traffic.tally import Tally

_MARK = re.compile(r"\d+-\d+")
_OPEN_TIMEOUT = 10.0
_LATE = "no answer came in time"
_LONGEST = 200  # characters of a reason
_PATIENCE = 1.0  # seconds in which a message of the measurement is got past, or counts all the same


def filled(text: str, client: int, number: int) -> str:
    """Put the numbers of client and message into a template: ``$client``, ``$n``, and ``$id`` for both."""
    return (
        text.replace("$id", f"{client}-{number}").replace("$client", str(client)).replace("$n", str(number))
    )


def refusal(status: int, body: bytes) -> str:
    """Say what an answer of HTTP said: its status in numbers and words, and what it brought."""
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:  # a number of the bench's own
        phrase = ""
    said = body.decode("utf-8", "replace")
    return one_line(f"HTTP {status}{phrase}" + (f": {said}" if said.strip() else ""))


def one_line(text: str) -> str:
    """Give the beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


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
    async def begin(self) -> str:
        """Connect; why that was refused, empty where it was not."""

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

    async def begin(self) -> str:
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
        except TimeoutError:
            return _LATE
        except InvalidStatus as error:
            return refusal(error.response.status_code, bytes(error.response.body or b""))
        except (InvalidHandshake, OSError) as error:
            return one_line(str(error) or type(error).__name__)
        try:
            why = await self._greet()
        except TimeoutError:
            why = _LATE
        except ConnectionClosed:
            why = self._closing()
        if why:
            await self._socket.close()
        else:
            self._reader = asyncio.create_task(self._read())
        return why

    async def _greet(self) -> str:
        """Say what the template begins with; why the client is not let in, empty where it is."""
        for text in self._template.get("hello", ()):
            await self._socket.send(filled(text, self.number, 0))
            with suppress(TimeoutError):
                async with asyncio.timeout(2):
                    heard = await self._socket.recv()
                    if why := self._refusing(heard if isinstance(heard, str) else ""):
                        return why
        return ""

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for message in self._socket:
                await self._read_one(message)
        self.tally.refuse(self._closing(), len(self._waiting))
        self._waiting.clear()

    def _closing(self) -> str:
        """Say how the server closed the connection."""
        reason = self._socket.close_reason
        return one_line(f"closed with {self._socket.close_code}" + (f": {reason}" if reason else ""))

    async def _read_one(self, data: str | bytes) -> None:
        """Take what came: an answer, a question of the server's, or neither."""
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        if text in self._replies:
            await self._socket.send(self._replies[text])
            return
        if self._answer is not None:
            told = self._answer.search(text)
            mark = f"{self.number}-{told[1]}" if told is not None else ""
            self._settle(mark if mark in self._waiting else None, self._refusing(text))
            return
        marks = _MARK.findall(text)
        mine = next((mark for mark in marks if mark in self._waiting), None)
        if mine is None and not marks:  # with another's mark it is for another client
            mine = next(iter(self._waiting), None)
        self._settle(mine, self._refusing(text))

    def _refusing(self, text: str) -> str:
        """Give an answer that says no; empty for any other."""
        return one_line(text) if self._refusal is not None and self._refusal.search(text) else ""

    def _settle(self, identity: str | None, why: str = "") -> None:
        """Count the answer to a message; None: there is none that it answers. `why`: it was refused."""
        if identity is None:
            return
        self._answered.set()
        since = self._waiting.pop(identity)
        if why:
            self.tally.refuse(why)
        else:
            self.tally.answer(since)

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
                self.tally.refuse(self._closing())

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

    async def begin(self) -> str:
        """Connect."""
        try:
            self._streams = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            return one_line(str(error))
        return ""

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
                if self._streams is None and (why := await self.begin()):
                    raise ConnectionError(why)
                status, body = await self._ask()
            except (OSError, EOFError, httptools.HttpParserError) as error:
                self._streams = None
                self.tally.refuse(one_line(str(error) or type(error).__name__))
                return
        if status >= 400:  # noqa: PLR2004 - the classes of errors
            self.tally.refuse(refusal(status, body))
        else:
            self.tally.answer(since)

    async def _ask(self) -> tuple[int, bytes]:
        """Send a request; status and body of the answer."""
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
                raise EOFError("closed without an answer")
            parser.feed_data(received)
        if not parser.should_keep_alive():
            self._streams = None
        return int(parser.get_status_code()), bytes(answer.body)

    async def end(self) -> None:
        """Close; what is not answered stays so."""
        for task in self._tasks:
            task.cancel()
        if self._streams is not None:
            self._streams[1].close()


class _Answer:
    def __init__(self) -> None:
        self.done = False
        self.body = bytearray()

    def on_body(self, data: bytes) -> None:
        if len(self.body) < _LONGEST:
            self.body += data

    def on_message_complete(self) -> None:
        self.done = True
