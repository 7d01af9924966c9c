"""The answering half of an exchange: a response is announced to its hooks, then its bytes go."""

from __future__ import annotations

__all__ = ["Answering"]

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.dialects.wookie.errors import WookieError
from workbench.dialects.wookie.objects import Request, Response, ResponseStream, already_sent
from workbench.server import messages
from workbench.server.messages import Headers
from workbench.trace.moments import SENT, STAGE

if TYPE_CHECKING:
    from workbench.dialects.wookie.link import WookieLink
    from workbench.server.links import Head

_HIGH_WATER = 65536  # bytes that may wait for a slow client
_SINGLE = frozenset({"connection", "content-length", "content-type", "date", "location", "server"})
"""Fields of which a response has one: what the sender gives wins over what stands in the object."""


class Answering:
    """What is sent to the client about one request.

    Parameters
    ----------
    link
        The connection.
    head
        The request.

    Attributes
    ----------
    request, response
        As hooks and routes have them.
    root
        Id of the request's first dispatch in the trace, 0 before there is one.
    claimed
        Whether somebody has sent or begun a response.
    over
        Whether stages run no more: destroyed, or the client has gone.
    stream
        The streamed response, if there is one.

    """

    __slots__ = (
        "_announced", "_app", "_close", "_drain", "_dropped", "_link", "_queue", "_started", "_transport",
        "claimed", "head", "over", "request", "response", "root", "stream",
    )  # fmt: skip

    def __init__(self, link: WookieLink, head: Head) -> None:
        self._link = link
        self._app = link.app
        self._transport = link.transport
        self.head = head
        self.root = 0
        self.request = Request(head, link.socket, link.app.touch)
        self.response = self.request.response = Response(self, self.request, link.app.touch)
        self.claimed = False
        self.over = False
        self.stream: ResponseStream | None = None
        self._announced: messages.Response | None = None  # what response-started is about
        self._started = False
        self._dropped = False
        self._queue: list[bytes | None] | None = None  # pieces that wait for response-started, None: the end
        self._close: bool | None = None
        self._drain: asyncio.Event | None = None

    @abstractmethod
    def run(self, point: str, then: Callable[[], None], *args: Any, hold: bool = False) -> None:
        """Run a point's hooks, then go on, or take the request down."""

    def continue_100(self) -> None:
        """Say 100 Continue, once."""
        if not self.claimed and not self.over:
            self._transport.continue_100()
            self.tell(SENT, "100 Continue")

    def send(self, response: messages.Response, headers: Any, body: Any, close: bool | None) -> None:
        """Send a whole response, after response-started."""
        if response.stream is not None:
            raise WookieError(
                "The body of a response is text, bytes, JSON or None; start_response streams one."
            )
        self._claim(close)
        self._on_loop(self._announce, response, headers, body)

    def start(self, response: messages.Response, headers: Any) -> ResponseStream:
        """Begin a streamed response, after response-started."""
        self._claim(None)
        self.stream = stream = ResponseStream(self)
        self._queue = []
        self._on_loop(self._announce, response, headers, None)
        return stream

    def _claim(self, close: bool | None) -> None:
        if self._dropped:  # the client is told nothing any more
            self.tell(STAGE, "not sent: the request was destroyed")
        elif self.claimed:
            raise already_sent(self.request)
        self.claimed = True
        self._close = close

    def _announce(self, response: messages.Response, headers: Any, body: Any) -> None:
        if self._dropped or self._link.gone:
            return
        self._announced = response
        self.run(
            "response-started", self._let_go, self.response, self.request, response.status, headers, body
        )

    def _let_go(self) -> None:
        if self._announced is not None:
            self._respond(self._announced)

    def _respond(self, response: messages.Response) -> None:
        """Let the bytes go."""
        if self._started or self._dropped or self._link.gone or self._transport.closing:
            return
        self._started = True
        self._merge(response)
        self._keep_or_close(response.headers)
        link = self._link
        link.messages_out += 1
        if self._queue is None:
            link.bytes_out += len(response.body)
            self._transport.respond(response)
            self.tell(SENT, str(response.status), response.body)
            return
        del response.headers["content-length"], response.headers["transfer-encoding"]
        self._transport.start_response(response.status, response.headers)
        self.tell(SENT, f"{response.status}, streamed")
        waiting, self._queue = self._queue, None
        for piece in waiting:
            if piece is None:
                self.finish()
            else:
                self.write(piece)
        self.drained()

    def _merge(self, response: messages.Response) -> None:
        """Put the object's own headers in front of the sender's; of single fields the sender's stay."""
        own = self.response._headers  # noqa: SLF001  # without making them where nobody did
        if not own:
            return
        given, response.headers = response.headers, Headers()
        for name, value in own.lines():
            if not (name.lower() in _SINGLE and name in given):
                response.headers.append(name, value)
        for name, value in given.lines():
            response.headers.append(name, value)

    def _keep_or_close(self, headers: Headers) -> None:
        """Keep the connection open unless the request says exactly close, without chunks (42, 43)."""
        head = self.head
        wished = self._close
        if wished is None:  # a client that lets it live has not said close
            says_close = not head.keep_alive and head.headers.get("connection") == "close"
            wished = says_close and head.length is not None
        head.keep_alive = not wished
        if wished:
            headers["connection"] = "close"

    def write(self, data: bytes) -> None:
        """Send a piece of a streamed response."""
        self._on_loop(self._write, data)

    def _write(self, data: bytes) -> None:
        if self._dropped or self._link.gone:
            return
        if self._queue is not None:
            self._queue.append(data)
        elif self.stream is not None and self._is_current():
            self._link.bytes_out += len(data)
            self._transport.write(data)

    def finish(self) -> None:
        """End a streamed response."""
        self._on_loop(self._finish)

    def _finish(self) -> None:
        if self._queue is not None:
            self._queue.append(None)
        elif self.stream is not None and self._is_current():
            self.stream = None
            self._transport.finish()
            self.tell(SENT, "end of the streamed response")

    def _is_current(self) -> bool:
        return self._link.exchange is self and not self._link.gone and not self._dropped

    async def room(self) -> None:
        """Wait while response-started is not through, or a slow client has much to read."""
        while self._is_current() and (
            self._queue is not None or self._transport.buffered_amount > _HIGH_WATER
        ):
            if self._drain is None or self._drain.is_set():
                self._drain = asyncio.Event()
            await self._drain.wait()

    def drained(self) -> None:
        """What was written has left."""
        if self._drain is not None:
            self._drain.set()

    # -- around it

    def _on_loop(self, function: Callable[..., None], *args: Any) -> None:
        self._link.on_loop(function, *args)

    def tell(self, kind: str, text: str, data: bytes | None = None) -> None:
        """Put a moment of this request into the trace, with what was sent where something was."""
        recorder = self._app.recorder
        if recorder.recording:
            recorder.moments.add(kind, text, self.root or -1, self._link.connection, data)

    def soon(self, function: Callable[[], None]) -> None:
        """Call a function when the loop turns, before anything more is read."""
        self._transport.loop.call_soon(function)

    def hold(self) -> None:
        """Read nothing more from the client until `release`."""
        self._transport.pause()

    def release(self) -> None:
        """Undo one `hold`."""
        self._transport.resume()
