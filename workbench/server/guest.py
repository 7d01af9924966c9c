"""A plain ASGI application as a guest: served by our own server, on the port and path of a `Handler`.

HTTP scopes become one request and one answer, WebSocket scopes a link. What a guest can't see here is
`http.disconnect` before it has answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from workbench.server.errors import WebSocketFailure
from workbench.server.links import Handshake, WebSocketTransport
from workbench.server.messages import Headers, Request, Response

__all__ = ["AsgiGuest", "GuestLink"]

Event = MutableMapping[str, Any]
AsgiApplication = Callable[
    [Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]
]

_NO_CODE = 1005
_WORDS = 1000


class AsgiGuest:
    """Serves an ASGI application through whole requests and handshakes.

    Parameters
    ----------
    application
        ASGI 3. Its scopes have `workbench.link` for WebSockets: the `GuestLink`.
    """

    def __init__(self, application: AsgiApplication) -> None:
        self._application = application

    async def request(self, request: Request) -> Response:
        """Answer a request by what the application sends."""
        answer = _Answer(request.body)
        await self._application(_scope("http", request), answer.receive, answer.send)
        return answer.response()

    async def upgrade(self, request: Request, handshake: Handshake) -> None:
        """Open a WebSocket, or refuse it, as the application says; returns when it has ended with it."""
        link = GuestLink(handshake)
        scope = _scope("websocket", request)
        scope["subprotocols"] = [
            word.strip()
            for word in (request.headers.get("sec-websocket-protocol") or "").split(",")
            if word.strip()
        ]
        scope["workbench.link"] = link
        try:
            await self._application(scope, link.receive, link.send)
        finally:
            link.leave()


def _scope(kind: str, request: Request) -> Event:
    path, _, query = request.target.partition("?")
    secure = request.url.startswith("https")
    scheme = {"http": "http", "websocket": "ws"}[kind] + ("s" if secure else "")
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": scheme,
        "path": unquote(path),
        "raw_path": path.encode("latin-1", "replace"),
        "root_path": "",
        "query_string": query.encode("latin-1", "replace"),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()
        ],
        "client": None if request.remote_address is None else (request.remote_address, 0),
        "server": None,
    }


class _Answer:
    """One request and what is answered to it."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status = 0
        self._headers = Headers()
        self._pieces: list[bytes] = []

    async def receive(self) -> Event:
        body, self._body = self._body, None
        if body is None:  # a client that has gone is told of when the answer can't be sent
            await asyncio.get_running_loop().create_future()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self._status = event["status"]
            self._headers = Headers.from_wire(event.get("headers", []))
        else:
            body = event.get("body") or b""
            self._pieces.append(body.encode() if isinstance(body, str) else bytes(body))

    def response(self) -> Response:
        if not self._status:
            return Response("Internal Server Error", status=500)
        del self._headers["content-length"]  # the server counts what it sends
        return Response(b"".join(self._pieces), status=self._status, headers=self._headers)


class GuestLink:
    """A WebSocket of the guest: messages wait until it asks for them.

    Attributes
    ----------
    connection
        Number of the connection in the trace, which a dialect may set; -1 before.
    """

    def __init__(self, handshake: Handshake) -> None:
        self.connection = -1
        self.transport: WebSocketTransport | None = None
        self._handshake: Handshake | None = handshake
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._events.put_nowait({"type": "websocket.connect"})

    # what the application calls

    async def receive(self) -> Event:
        """Give the next event."""
        return await self._events.get()

    async def send(self, event: Event) -> None:
        """Do what the application says; on a WebSocket that is gone, nothing."""
        kind = event["type"]
        if kind == "websocket.accept":
            self._accept(event)
        elif kind == "websocket.close" and self._handshake is not None:
            self._refuse(event.get("reason") or "")
        elif kind == "websocket.close" and self.transport is not None:
            self.transport.close(event.get("code", _WORDS), event.get("reason") or "")
        elif kind == "websocket.send" and self.transport is not None:
            text = event.get("text")
            self.transport.send(event.get("bytes") or b"" if text is None else text)

    def leave(self) -> None:
        """The application has ended: what it left open is closed."""
        if self._handshake is not None:
            self._refuse("")
        elif self.transport is not None:
            self.transport.close(_WORDS)

    def _accept(self, event: Event) -> None:
        handshake, self._handshake = self._handshake, None
        if handshake is not None:
            headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.get("headers", [])
            ]
            opened = handshake.accept(
                self, headers=headers, protocol=event.get("subprotocol"), idle_timeout=None
            )
            if opened is None:
                self._events.put_nowait({"type": "websocket.disconnect", "code": _NO_CODE})

    def _refuse(self, reason: str) -> None:
        handshake, self._handshake = self._handshake, None
        if handshake is not None:
            handshake.reject(Response(reason or "Forbidden", status=403))

    # what the transport calls

    def opened(self, transport: WebSocketTransport) -> None:
        """The handshake is complete."""
        self.transport = transport

    def message(self, data: str | bytes) -> None:
        """Hand one message over."""
        key = "text" if isinstance(data, str) else "bytes"
        self._events.put_nowait({"type": "websocket.receive", key: data})

    def ping(self, data: bytes) -> None:
        """A ping is answered by the server."""

    def pong(self, data: bytes) -> None:
        """A pong says nothing to a guest."""

    def failed(self, error: WebSocketFailure) -> None:
        """The end follows."""

    def close_received(self, code: int, reason: str) -> None:
        """The end follows."""

    def closed(self, code: int, reason: str) -> None:
        """Tell the application that it is over."""
        self.transport = None
        self._events.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def drained(self) -> None:
        """A guest isn't told of slow clients."""
