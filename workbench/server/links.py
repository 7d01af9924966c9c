"""The contracts between bytes and links.

A *transport* carries the bytes of one connection (socket, ASGI, memory); a *link* is the state machine that
a dialect puts on top, without I/O. Transports call links, links call transports; both only on the server's
loop, and no call of either side raises on account of a connection that is gone: it does nothing.

There are two levels. Most dialects implement `Handler`: whole requests and WebSockets. One that needs each
stage of a request (Wookie) implements `HttpLink` itself; `serve_handler` gives the ready one for a
`Handler`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from workbench.server.errors import HttpFailure, WebSocketFailure
from workbench.server.messages import Headers, HeadersSource, Request, Response
from workbench.server.options import DeflateOptions

__all__ = [
    "CLOSED",
    "CLOSING",
    "CONNECTING",
    "HEARTBEAT",
    "OPEN",
    "Application",
    "Counters",
    "Handler",
    "Handshake",
    "Head",
    "HttpLink",
    "HttpTransport",
    "RawSocket",
    "WebSocketLink",
    "WebSocketTransport",
    "size_of",
]

CONNECTING, OPEN, CLOSING, CLOSED = 0, 1, 2, 3  # readyState of a WebSocket
HEARTBEAT = b"crossws-ping"  # payload of the idle timeout's pings; its pongs are hidden, crossws R42


def size_of(data: str | bytes) -> int:
    """Give the bytes of a message's payload; text is UTF-8 on the wire, and plain ASCII costs no encoding."""
    if not isinstance(data, str) or data.isascii():
        return len(data)
    return len(data.encode("utf-8", "surrogatepass"))


@dataclass(slots=True)
class Counters:
    """What one connection has carried; messages and payload bytes, without control frames."""

    messages_in: int = 0
    messages_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


@dataclass(slots=True)
class Head:
    """A request line and its headers, before any body.

    `version` is `"1.1"` or `"1.0"`. `keep_alive` says whether the client lets the connection live on.
    `length` is the announced body length, None when chunked, 0 when there is none. `expects_continue`: the
    client waits for a 100 before it sends the body. `websocket`: it asks for an upgrade to WebSocket
    (whether validly or not).
    """

    method: str
    target: str
    url: str
    version: str
    headers: Headers
    remote_address: str | None
    keep_alive: bool = True
    length: int | None = 0
    expects_continue: bool = False
    websocket: bool = False

    def again(self, remote_address: str | None) -> Head:
        """Give the head of an equal request of another client."""
        return Head(
            self.method,
            self.target,
            self.url,
            self.version,
            Headers.of(self.headers.fields),
            remote_address,
            self.keep_alive,
            self.length,
            self.expects_continue,
            self.websocket,
        )

    def request(self, body: bytes = b"") -> Request:
        """Give the whole request."""
        made = Request(self.method, self.url, self.headers, remote_address=self.remote_address, body=body)
        if self.target.startswith("/"):  # what it would find in the URL
            made.target = self.target
        return made


@dataclass(slots=True)
class RawSocket:
    """A connection that the server has let go of (crossws R15).

    `transport` is the loop's; whoever takes it sets a protocol on it, and asks `is_closing()` before writing.
    It is cut when the server stops. `received` are bytes that came after the request and belong to the new
    owner; `head` is the request itself as bytes, for a server that wants to parse it again.
    """

    transport: asyncio.Transport
    received: bytes = b""
    head: bytes = b""


# WebSocket ----------------------------------------------------------------------------------------


class WebSocketLink(Protocol):
    """A WebSocket as its dialect sees it; every method is called on the loop and must return soon.

    A link with an attribute `answers_pings` that is False leaves the client's pings without a pong (Directus
    R56), on all transports but a foreign ASGI server, which answers them by itself.
    """

    def opened(self, transport: WebSocketTransport) -> None:
        """The handshake is complete; called inside `Handshake.accept`."""

    def message(self, data: str | bytes) -> None:
        """One complete message: text as str, binary as bytes (crossws R25, R41)."""

    def ping(self, data: bytes) -> None:
        """A ping came; the pong has been sent, unless the link answers none."""

    def pong(self, data: bytes) -> None:
        """A pong came, other than to the server's own heartbeat (crossws R42)."""

    def failed(self, error: WebSocketFailure) -> None:
        """The client broke the protocol or a limit; called before the close frame goes out (crossws R31)."""

    def close_received(self, code: int, reason: str) -> None:
        """The client's close frame came; 1005 when it had no code."""

    def closed(self, code: int, reason: str) -> None:
        """TCP is gone; exactly once. 1006 when there was no closing handshake (crossws R28b, R39)."""

    def drained(self) -> None:
        """Everything that waited for a slow client has been given to the system."""


class WebSocketTransport(Protocol):
    """The sending side of one WebSocket."""

    @property
    def id(self) -> int:
        """Number of the connection, unique in this process."""

    @property
    def remote_address(self) -> str | None:
        """The peer's address without port."""

    @property
    def protocol(self) -> str:
        """The chosen subprotocol, or an empty text."""

    @property
    def state(self) -> int:
        """readyState: CONNECTING, OPEN, CLOSING or CLOSED."""

    @property
    def buffered_amount(self) -> int:
        """Bytes that wait for the client to read."""

    @property
    def counters(self) -> Counters:
        """What went through so far; a live object."""

    def send(self, data: str | bytes, *, compress: bool = True) -> int:
        """Send one message; give the bytes that wait. Does nothing when the WebSocket is not open (R38)."""

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake; again: nothing.

        Raises `InvalidClose` for a forbidden code or more than 123 bytes of reason, and then changes
        nothing (R38).
        """

    def terminate(self) -> None:
        """Drop the connection at once: 1006 on both sides."""

    def ping(self, data: bytes = b"") -> None:
        """Send a ping; raises `ValueError` for more than 125 bytes."""

    def pause_reading(self) -> None:
        """Take nothing more from the client, messages read already included, until `resume_reading`."""

    def resume_reading(self) -> None:
        """Go on after `pause_reading`."""

    def pause_timers(self) -> None:
        """Let no timeout (idle, closing) strike until `resume_timers`."""

    def resume_timers(self) -> None:
        """Go on after `pause_timers`, as if the client had just been heard."""


class Handshake(Protocol):
    """The answer to a WebSocket request; exactly one of the three calls, at any time."""

    def accept(
        self,
        link: WebSocketLink,
        *,
        headers: HeadersSource = None,
        protocol: str | None = None,
        deflate: bool | DeflateOptions | None = None,
        max_message: int | None = None,
        idle_timeout: float | None = -1,
    ) -> WebSocketTransport | None:
        """Answer 101 and open the WebSocket.

        None: the handshake was invalid and has been answered with 400 or 405 (crossws R17). `protocol` wins
        over a `sec-websocket-protocol` among the headers (R14). `deflate`, `max_message` and `idle_timeout`
        (-1) default to the server's options; an `idle_timeout` of None is no timeout.
        """

    def reject(self, response: Response) -> None:
        """Answer with this response as it is, of whatever status, and end the connection (crossws R4)."""

    def hand_over(self) -> RawSocket:
        """Let go of the connection for good (crossws R15).

        Raises `UnsupportedByTransport` where there is no socket.
        """


class Handler(Protocol):
    """What most dialects implement: whole requests, and requests for a WebSocket."""

    def request(self, request: Request) -> Response | Awaitable[Response]:
        """Answer a request; a raised `Response` is an answer too, any other exception becomes a 500."""

    def upgrade(self, request: Request, handshake: Handshake) -> Awaitable[None] | None:
        """Answer a request for a WebSocket through `handshake`; leaving it unanswered ends in a 500."""


# HTTP by stages -----------------------------------------------------------------------------------


class HttpLink(Protocol):
    """One HTTP connection, stage by stage.

    For each request: `head`, then `body` one or more times, the last call (and only it) flagged, whatever
    the framing. The next request begins when this one is `finish`ed, `respond`ed to or `drop`ped *and* its
    body is through. An upgrade request has one empty, flagged body.
    """

    def head(self, head: Head) -> None:
        """The headers are complete."""

    def body(self, data: bytes, last: bool) -> None:
        """A piece of the body."""

    def failed(self, failure: HttpFailure) -> None:
        """The request cannot be read on (400, 408, 413, 431); answer it, the connection then ends."""

    def drained(self) -> None:
        """What was written has left; called after `HttpTransport.buffered_amount` was high."""

    def lost(self) -> None:
        """The connection is gone; exactly once, not after an upgrade."""


@runtime_checkable
class HttpTransport(Protocol):
    """The answering side of one HTTP connection."""

    body_limit: int | None  # for the request at hand; may be changed in `HttpLink.head`

    @property
    def id(self) -> int:
        """Number of the connection, unique in this process."""

    @property
    def remote_address(self) -> str | None:
        """The peer's address without port."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop on which everything happens."""

    @property
    def closing(self) -> bool:
        """Whether writing is pointless."""

    @property
    def buffered_amount(self) -> int:
        """Bytes that wait for the client to read."""

    @property
    def answered(self) -> bool:
        """Whether a response to the request at hand has been started."""

    def start_response(self, status: int, headers: Headers, *, status_text: str | None = None) -> None:
        """Send status line and headers; raises `AlreadyAnswered` the second time.

        Without `content-length` the body goes out chunked (HTTP/1.0: ends with the connection). HEAD, 204
        and 304 send no body whatever is written.
        """

    def write(self, data: bytes) -> None:
        """Send a piece of the body."""

    def finish(self) -> None:
        """End the response."""

    def respond(self, response: Response) -> None:
        """Send a whole response in one go, with its length."""

    def continue_100(self) -> None:
        """Tell a client that waits for it to send the body; otherwise nothing."""

    def drop(self) -> None:
        """Forget the request at hand without a byte of answer; the connection lives on (Wookie D1)."""

    def pause(self) -> None:
        """Hold the reader: no further stage is called until `resume`. May be nested."""

    def resume(self) -> None:
        """Undo one `pause`."""

    def close(self) -> None:
        """End the connection after what was written."""

    def abort(self) -> None:
        """End the connection at once, silently."""

    def handshake(self) -> Handshake:
        """Give the means to answer a WebSocket request."""

    def launch(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in a task, from the loop's next turn on."""

    def report(self, error: BaseException, what: str) -> None:
        """Hand an error that nobody handled to the server's reporter."""


class Application(Protocol):
    """What a server serves."""

    def connect(self, transport: HttpTransport) -> HttpLink:
        """Give the link of a new connection, before anything is read from it."""
