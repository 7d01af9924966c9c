"""One HTTP request to a hook server, streamed both ways with bounded memory.

Every step waits until the other side has taken what it was given, so a slow browser slows the hook server
down and the other way round; nothing is collected in between. No redirects are followed and nothing is
decoded.
"""

from __future__ import annotations

__all__ = ["Exchange", "Head", "fetch_json"]

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine
from tornado.iostream import IOStream, StreamClosedError

from workbench.jupyter.discovery import Announcement
from workbench.jupyter.errors import ServerSilent, ServerUnreachable
from workbench.jupyter.hygiene import Pairs

_CHUNK = 64 * 1024
_BUFFER = 1024 * 1024
_NO_LIMIT = 2**62  # the hook server has limits of its own; a proxy in front must not add another
_CHUNKED_BY_TORNADO = frozenset({"POST", "PUT", "PATCH"})
_CONNECT_SECONDS = 5.0


class Head(Protocol):
    """Who is told what the hook server answers: first the head, then the body piece by piece."""

    async def answer_head(self, status: int, reason: str, headers: Pairs) -> None:
        """Take the status line and the headers."""

    async def answer_body(self, chunk: bytes) -> None:
        """Take a piece of the body; returns when there is room for the next."""


class _Reply(HTTPMessageDelegate):
    """Turns tornado's delegate into the two calls of `Head`; interim answers (1xx) are passed over."""

    def __init__(self, receiver: Head) -> None:
        self._receiver = receiver
        self.began = asyncio.Event()
        self.complete = False

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        if not isinstance(start_line, ResponseStartLine) or start_line.code < 200:  # noqa: PLR2004
            return None
        self.began.set()
        return self._receiver.answer_head(start_line.code, start_line.reason, list(headers.get_all()))

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._receiver.answer_body(chunk)

    def finish(self) -> None:
        self.complete = True

    def on_connection_close(self) -> None:
        """Nothing: `complete` stays False, which is what tells a cut answer from a whole one."""


class _Stream(IOStream):
    """Leaves it to reading to find out that the other side closed.

    A hook server may refuse an upload (413) and close at once. Its answer has arrived by the time that a
    write fails, and closing on the failed write would throw it away unread.
    """

    def write_to_fd(self, data: memoryview) -> int:
        size = len(data)
        try:
            return super().write_to_fd(data)
        except (BrokenPipeError, ConnectionResetError):
            return size


class Exchange:
    """One request and its answer over a connection of its own.

    Parameters
    ----------
    stream
        The open connection; `open` makes one.
    name
        The bench's name, for errors.
    """

    def __init__(self, stream: IOStream, name: str) -> None:
        parameters = HTTP1ConnectionParameters(chunk_size=_CHUNK, max_body_size=_NO_LIMIT)
        self._stream = stream
        self._connection = HTTP1Connection(stream, is_client=True, params=parameters)
        self._name = name
        self._frames: Callable[[bytes], bytes] = bytes
        self._last = b""

    @classmethod
    async def open(cls, target: Announcement) -> Exchange:
        """Connect to a bench's hook server.

        Raises
        ------
        ServerUnreachable
            Nothing listens there.
        ServerSilent
            The connection was not made within 5 seconds.
        """
        family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
        stream = _Stream(socket.socket(family), max_buffer_size=_BUFFER)
        try:
            await asyncio.wait_for(stream.connect((target.host, target.port)), _CONNECT_SECONDS)
        except asyncio.CancelledError:  # who asked had less time than that
            stream.close()
            raise
        except TimeoutError as error:
            stream.close()
            raise ServerSilent(f"{target.name!r} did not take the connection; is its kernel busy?") from error
        except (OSError, StreamClosedError) as error:
            raise ServerUnreachable(
                f"{target.name!r} does not answer on port {target.port}; start it again."
            ) from error
        return cls(stream, target.name)

    async def send_head(self, method: str, path: str, headers: Pairs, *, chunked: bool) -> None:
        """Send request line and headers.

        Parameters
        ----------
        method, path
            As they are to stand in the request line.
        headers
            All headers but ``Connection`` and ``Transfer-Encoding``.
        chunked
            Whether a body without a known length follows.
        """
        fields = HTTPHeaders()
        for name, value in headers:
            fields.add(name, value)
        fields["Connection"] = "close"
        if chunked and method not in _CHUNKED_BY_TORNADO:
            fields["Transfer-Encoding"] = "chunked"
            self._frames, self._last = _as_chunk, b"0\r\n\r\n"
        if not chunked and "Content-Length" not in fields and method in _CHUNKED_BY_TORNADO:
            fields["Content-Length"] = "0"
        await self._connection.write_headers(RequestStartLine(method, path, ""), fields)

    async def send_body(self, chunk: bytes) -> None:
        """Send a piece of the body; returns when the connection has taken it.

        A hook server that answers before it read everything may close its side: what is left is dropped
        then, and the answer tells the browser why.
        """
        if not self._stream.closed():
            await self._connection.write(self._frames(chunk))

    def finish_request(self) -> None:
        """Mark the end of the request's body."""
        if self._stream.closed():
            return
        if self._last:
            self._connection.write(self._last)
        self._connection.finish()

    async def relay_answer(self, receiver: Head, seconds: float | None) -> None:
        """Give the answer to a receiver.

        Parameters
        ----------
        receiver
            Gets the head and the pieces.
        seconds
            How long the head may take; None waits for ever. The body may take as long as it likes.

        Raises
        ------
        ServerSilent
            No head within the time.
        ServerUnreachable
            The connection ended before the answer did.
        """
        reply = _Reply(receiver)
        reading = asyncio.ensure_future(self._connection.read_response(reply))
        try:
            await _first(reading, reply.began, seconds)
            await reading
        except TimeoutError as error:
            raise ServerSilent(
                f"{self._name!r} took the request and did not answer in {seconds:g} s."
            ) from error
        except (StreamClosedError, OSError) as error:
            raise ServerUnreachable(f"{self._name!r} closed the connection without an answer.") from error
        finally:
            reading.cancel()
            self.close()
        if not reply.complete:
            raise ServerUnreachable(f"{self._name!r} broke its answer off.")

    def close(self) -> None:
        """Close the connection; the hook server sees its client go."""
        self._stream.close()


async def _first(reading: asyncio.Future[bool], began: asyncio.Event, seconds: float | None) -> None:
    """Wait until the head is there or reading has ended, whichever is first."""
    waiting: asyncio.Future[bool] = asyncio.ensure_future(began.wait())
    try:
        done, _ = await asyncio.wait({reading, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if not done:
        raise TimeoutError


def _as_chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


class _Collected:
    """An answer kept in memory, up to a limit; for the small JSON that a bench says about itself."""

    def __init__(self, limit: int) -> None:
        self.status = 0
        self.data = b""
        self._limit = limit

    async def answer_head(self, status: int, reason: str, headers: Pairs) -> None:
        del reason, headers
        self.status = status

    async def answer_body(self, chunk: bytes) -> None:
        self.data = (self.data + chunk)[: self._limit]


async def fetch_json(target: Announcement, path: str, seconds: float) -> dict[str, Any]:
    """Ask a bench's own endpoint for a JSON object, with its token.

    Parameters
    ----------
    target
        The bench.
    path
        Absolute path on the hook server.
    seconds
        How long the whole may take.

    Raises
    ------
    ServerUnreachable, ServerSilent
        No answer, or one that is no JSON object.
    """
    answer = _Collected(64 * 1024)
    try:
        async with asyncio.timeout(seconds):
            await _get(target, path, answer)
        facts = json.loads(answer.data)
    except TimeoutError as error:
        raise ServerSilent(f"{target.name!r} did not answer in {seconds:g} s.") from error
    except ValueError as error:
        raise ServerUnreachable(f"{target.name!r} answered {path} with something else than JSON.") from error
    if answer.status != 200 or not isinstance(facts, dict):  # noqa: PLR2004
        raise ServerUnreachable(f"{target.name!r} answered {path} with status {answer.status}.")
    return facts


async def _get(target: Announcement, path: str, receiver: Head) -> None:
    headers = [("Host", target.authority), ("Authorization", f"Bearer {target.token}")]
    exchange = await Exchange.open(target)
    try:
        await exchange.send_head("GET", path, headers, chunked=False)
        exchange.finish_request()
        await exchange.relay_answer(receiver, None)
    finally:
        exchange.close()
