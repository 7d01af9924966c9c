"""Connections in memory: the same links without sockets, for tests and for replays.

Everything runs on the caller's loop. What one side sends, the other sees at a later turn of the loop, in
order, so that a hook meets the same interleavings as on a network, only without chance.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from workbench.server.errors import AlreadyAnswered, HttpFailure, ServerError, UnsupportedByTransport
from workbench.server.host import Host, Hosted, next_id
from workbench.server.links import (
    Handshake,
    Head,
    HttpLink,
    RawSocket,
    WebSocketLink,
    WebSocketTransport,
)
from workbench.server.memory_websocket import Disconnected, MemoryWebSocket, ServerEnd
from workbench.server.messages import Headers, HeadersSource, Response
from workbench.server.options import DeflateOptions

__all__ = ["ConnectionLost", "Disconnected", "MemoryConnection", "MemoryWebSocket", "Refused"]


class ConnectionLost(ServerError, ConnectionError):
    """The server ended an HTTP connection, or dropped a request, without an answer."""


class Refused(ServerError):
    """The server answered a WebSocket request with a response; it is in `response`."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(f"The WebSocket was refused with {response}.")


class MemoryConnection(Hosted):
    """One HTTP connection: `HttpTransport` to its link; a client sends requests one after the other."""

    def __init__(self, host: Host, remote_address: str | None = "127.0.0.1") -> None:
        self.id = next_id()
        self.host = host
        self.loop = asyncio.get_running_loop()
        self.remote_address = remote_address
        self.body_limit = host.options.body_limit
        self.continued = False  # a 100 was sent for the request at hand
        self.websocket: MemoryWebSocket | None = None
        self._answer: asyncio.Future[Response] = self.loop.create_future()
        self._head: Head | None = None
        self._response: Response | None = None
        self._holds = 0
        self._free = asyncio.Event()
        self._free.set()
        self._closed = False
        self.link: HttpLink = host.application.connect(self)

    async def exchange(self, head: Head, pieces: Iterable[bytes] = ()) -> Response:
        """Send a request and give the answer; raises `ConnectionLost` when there is none to come."""
        if self._closed:
            raise ConnectionLost("The server has ended this connection.")
        self._head, self._response, self.continued = head, None, False
        self._answer = self.loop.create_future()
        self.body_limit = self.host.options.body_limit
        refusal = self.host.policy.refusal(head)
        if refusal is not None:
            return refusal
        self._call(self.link.head, head)
        await self._send_body(list(pieces) or [b""])
        return await self._answer

    async def _send_body(self, pieces: list[bytes]) -> None:
        received = 0
        for index, piece in enumerate(pieces):
            await self._free.wait()
            received += len(piece)
            if self._closed or self._answer.done():
                return
            if self.body_limit is not None and received > self.body_limit:
                failure = HttpFailure(413, f"The body is larger than {self.body_limit} bytes.")
                self._call(self.link.failed, failure)
                return
            self._call(self.link.body, piece, index == len(pieces) - 1)

    def end(self) -> None:
        """Let the client go."""
        if not self._closed and self.websocket is None:
            self._closed = True
            self._call(self.link.lost)

    def _call(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it must not reach the client's side
            self.report(error, f"The link's {function.__name__}")

    # the link's side

    @property
    def closing(self) -> bool:
        """Whether writing is pointless."""
        return self._closed or self.websocket is not None

    @property
    def buffered_amount(self) -> int:
        """Bytes that wait for the client to read: none ever."""
        return 0

    @property
    def answered(self) -> bool:
        """Whether a response to the request at hand has been started."""
        return self._response is not None

    def start_response(self, status: int, headers: Headers, *, status_text: str | None = None) -> None:
        """Begin the answer."""
        if self.closing:
            return
        if self.answered:
            raise AlreadyAnswered("A response to this request has been started: a second one cannot be sent.")
        self._response = Response(status=status, headers=headers, status_text=status_text)

    def write(self, data: bytes) -> None:
        """Add a piece of the body."""
        silent = self._head is not None and self._head.method == "HEAD"
        if self._response is not None and not silent and not self._answer.done():
            self._response.body += data

    def finish(self) -> None:
        """End the answer: the client has it."""
        if self._response is not None and not self._answer.done():
            self._answer.set_result(self._response)

    def respond(self, response: Response) -> None:
        """Answer in one go."""
        self.start_response(response.status, response.headers, status_text=response.status_text)
        self.write(response.body)
        self.finish()

    def continue_100(self) -> None:
        """Note that the client may send its body."""
        if self._head is not None and self._head.expects_continue and not self.answered:
            self.continued = True

    def drop(self) -> None:
        """Forget the request; its client is told, lest a test waits for ever."""
        if not self.answered and not self._answer.done():
            self._answer.set_exception(ConnectionLost("The server dropped the request without an answer."))

    def pause(self) -> None:
        """Hold the body; may be nested."""
        self._holds += 1
        self._free.clear()

    def resume(self) -> None:
        """Undo one `pause`."""
        self._holds -= 1
        if not self._holds:
            self._free.set()

    def close(self) -> None:
        """End the connection."""
        self._free.set()
        if not self._closed and self.websocket is None:
            self._closed = True
            if not self._answer.done():
                self._answer.set_exception(
                    ConnectionLost("The server ended the connection without an answer.")
                )
            self.loop.call_soon(self._call, self.link.lost)

    abort = close

    def handshake(self) -> Handshake:
        """Give the means to answer a WebSocket request."""
        return _MemoryHandshake(self)

    def opened(self, websocket: MemoryWebSocket, headers: Headers) -> None:
        """Become a WebSocket."""
        self.websocket = websocket
        self._response = Response(status=101, headers=headers)
        self._answer.set_result(self._response)

    def settle(self, response: Response) -> None:
        """Answer with a response as it is."""
        self._response = response
        if not self._answer.done():
            self._answer.set_result(response)


class _MemoryHandshake:
    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection

    def accept(
        self,
        link: WebSocketLink,
        *,
        headers: HeadersSource = None,
        protocol: str | None = None,
        deflate: bool | DeflateOptions | None = None,  # noqa: ARG002  # there are no bytes to compress
        max_message: int | None = None,
        idle_timeout: float | None = -1,
    ) -> WebSocketTransport | None:
        connection, options = self._connection, self._connection.host.options
        self._check_unanswered()
        sent = Headers(headers)
        if protocol:
            sent["sec-websocket-protocol"] = protocol
        server = ServerEnd(
            connection.id,
            connection.remote_address,
            connection.host,
            link,
            sent.get("sec-websocket-protocol") or "",
            options.max_message if max_message is None else max_message,
        )
        connection.opened(server.client, sent)
        server.begin(options.idle_timeout if idle_timeout == -1 else idle_timeout)
        return server

    def reject(self, response: Response) -> None:
        self._check_unanswered()
        self._connection.settle(response)
        self._connection.close()

    def hand_over(self) -> RawSocket:
        raise UnsupportedByTransport("There is no socket to hand over: this connection is in memory.")

    def _check_unanswered(self) -> None:
        if self._connection.answered:
            raise AlreadyAnswered("This WebSocket request has been answered already.")
