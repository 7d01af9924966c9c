"""The same links under any ASGI server, as far as ASGI carries them (`capabilities.py` has the list)."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

from workbench.server.capabilities import missing, needs_of
from workbench.server.closing import ABNORMAL, NO_STATUS, close_payload
from workbench.server.errors import (
    AlreadyAnswered,
    HttpFailure,
    UnsupportedByTransport,
    WebSocketFailure,
)
from workbench.server.host import Host, Hosted, log_error, next_id
from workbench.server.links import (
    CLOSED,
    CLOSING,
    OPEN,
    Application,
    Counters,
    Handshake,
    Head,
    HttpLink,
    RawSocket,
    WebSocketLink,
    WebSocketTransport,
    size_of,
)
from workbench.server.messages import Headers, HeadersSource, Response
from workbench.server.options import DeflateOptions, ServerOptions
from workbench.server.responses import bodiless

__all__ = ["AsgiApplication", "asgi_application"]

Scope: TypeAlias = MutableMapping[str, Any]
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]


def asgi_application(
    application: Application,
    options: ServerOptions | None = None,
    *,
    needs: Iterable[str] = (),
    report: Callable[[BaseException, str], None] = log_error,
    ended: Callable[[], object] = lambda: None,
) -> AsgiApplication:
    """Make an ASGI application; warns, by name, of what `needs` and `options` ask for and ASGI has not.

    A token and origins among the options are asked for as on the built-in server; which Host is served, TLS
    and the addresses are the ASGI server's business. `ended` is called when that one ends.
    """
    return AsgiApplication(application, options or ServerOptions(), needs, report, ended)


class AsgiApplication:
    """A plain ASGI 3 application: scopes http, websocket and lifespan.

    `missing` says what was needed and cannot be done. `loop` is the loop that it was last called on.
    """

    def __init__(
        self,
        application: Application,
        options: ServerOptions,
        needs: Iterable[str],
        report: Callable[[BaseException, str], None],
        ended: Callable[[], object],
    ) -> None:
        self.host = Host(application, options, report)
        self._ended = ended
        self.loop: asyncio.AbstractEventLoop | None = None
        self.missing = missing("asgi", {*needs, *needs_of(options)})
        for lacking in self.missing:
            warnings.warn(f"ASGI cannot {lacking}: that part will not work here.", stacklevel=3)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        self.loop = asyncio.get_running_loop()
        if scope["type"] == "http":
            await _HttpScope(self.host, scope).run(receive, send)
        elif scope["type"] == "websocket":
            await _WebSocketScope(self.host, scope).run(receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            raise ValueError(f"ASGI scope {scope['type']!r} is not served: http, websocket and lifespan are.")

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.shutdown":
                for websocket in list(self.host.websockets):
                    websocket.close(1001)
                await self.host.finish(self._ended)
                await send({"type": "lifespan.shutdown.complete"})
                return
            await send({"type": "lifespan.startup.complete"})


class _Scope(Hosted):
    """One scope as an `HttpTransport`: what the link says is queued, and sent in order by `_pump`."""

    def __init__(self, host: Host, scope: Scope) -> None:
        self.id = next_id()
        self.host = host
        self.scope = scope
        self.loop = asyncio.get_running_loop()
        self.body_limit = host.options.body_limit
        client = scope.get("client")
        self.remote_address: str | None = client[0] if client else None
        self.head = _head(scope, self.remote_address)
        self._out: asyncio.Queue[Event | None] = asyncio.Queue()
        self._waiting = 0
        self._free = asyncio.Event()
        self._free.set()
        self._holds = 0
        self._started = False
        self._finished = False
        self.over = False
        self.link: HttpLink = host.application.connect(self)

    def call(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it must not end the server
            self.report(error, f"The link's {function.__name__}")

    def put(self, event: Event | None) -> None:
        self._waiting += _size(event)
        self._out.put_nowait(event)

    async def pump(self, send: Send) -> None:
        """Send what is queued, until None."""
        while (event := await self._out.get()) is not None:
            try:
                await send(event)
            except OSError:  # the client has gone
                self.over = True
            self._waiting -= _size(event)
            if not self._waiting:
                self.emptied()

    def emptied(self) -> None:
        if not self.over:
            self.call(self.link.drained)

    async def free(self) -> None:
        """Wait while the reader is held."""
        await self._free.wait()

    # the link's side

    @property
    def closing(self) -> bool:
        return self.over

    @property
    def buffered_amount(self) -> int:
        return self._waiting

    @property
    def answered(self) -> bool:
        return self._started

    def start_response(self, status: int, headers: Headers, *, status_text: str | None = None) -> None:  # noqa: ARG002
        if self.over:
            return
        if self._started:
            raise AlreadyAnswered("A response to this request has been started: a second one cannot be sent.")
        self._started = True
        self._silent = bodiless(self.head, status)
        self.put({"type": self.prefix + "response.start", "status": status, "headers": _lines(headers)})

    prefix = "http."

    def write(self, data: bytes) -> None:
        if data and self._started and not self._finished and not self._silent and not self.over:
            self.put({"type": self.prefix + "response.body", "body": data, "more_body": True})

    def finish(self) -> None:
        if self._started and not self._finished:
            self._finished = True
            self.put({"type": self.prefix + "response.body", "body": b"", "more_body": False})
            self.put(None)

    def respond(self, response: Response) -> None:
        headers = response.headers.copy()
        if "content-length" not in headers and not bodiless(None, response.status):
            headers.append("content-length", len(response.body))
        self.start_response(response.status, headers, status_text=response.status_text)
        self.write(response.body)
        self.finish()

    def continue_100(self) -> None:
        """Nothing: an ASGI server does it when the body is asked for."""

    def drop(self) -> None:
        """Answer 500: there is no silence in ASGI."""
        if not self._started:
            self.respond(Response(status=500))

    def pause(self) -> None:
        self._holds += 1
        self._free.clear()

    def resume(self) -> None:
        self._holds -= 1
        if not self._holds:
            self._free.set()

    def close(self) -> None:
        """End: a response that was begun is cut short there."""
        if not self._started:
            self.drop()
        elif not self._finished:
            self._finished = True
            self.put(None)

    abort = close

    def handshake(self) -> Handshake:
        raise AlreadyAnswered("There is no WebSocket request to answer.")


class _HttpScope(_Scope):
    async def run(self, receive: Receive, send: Send) -> None:
        reading = self.loop.create_task(self._read(receive))
        try:
            await self.pump(send)
        finally:
            self.over = True
            reading.cancel()
            self.call(self.link.lost)

    async def _read(self, receive: Receive) -> None:
        refusal = self.host.policy.refusal_elsewhere(self.head)
        if refusal is not None:
            self.respond(refusal)
            return
        self.call(self.link.head, self.head)
        received, more = 0, True
        while more:
            await self.free()
            event = await receive()
            if event["type"] == "http.disconnect":
                break
            body, more = event.get("body", b""), event.get("more_body", False)
            received += len(body)
            if self.body_limit is not None and received > self.body_limit:
                failure = HttpFailure(413, f"The body is larger than {self.body_limit} bytes.")
                self.call(self.link.failed, failure)
                return
            self.call(self.link.body, body, not more)
        if not more:
            while (await receive())["type"] != "http.disconnect":
                pass
        self.over = True
        self.put(None)


class _WebSocketScope(_Scope):
    prefix = "websocket.http."

    def __init__(self, host: Host, scope: Scope) -> None:
        self.websocket: _AsgiWebSocket | None = None
        super().__init__(host, scope)

    def emptied(self) -> None:
        """Nothing: whether a client has caught up cannot be known."""

    async def run(self, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        pumping = self.loop.create_task(self.pump(send))
        refusal = self.host.policy.refusal_elsewhere(self.head)
        if refusal is not None:
            self.refuse(refusal)
        else:
            self.call(self.link.head, self.head)
            self.call(self.link.body, b"", True)
        try:
            await self._read(receive)
        finally:
            self.over = True
            self.put(None)
            await pumping

    async def _read(self, receive: Receive) -> None:
        while True:
            await self.free()
            event = await receive()
            websocket = self.websocket
            if event["type"] == "websocket.disconnect":
                if websocket is not None:
                    websocket.gone(event.get("code", NO_STATUS), event.get("reason") or "")
                else:
                    self.call(self.link.lost)
                return
            if websocket is not None:
                text = event.get("text")
                websocket.take(text if text is not None else event["bytes"])

    def handshake(self) -> Handshake:
        return _AsgiHandshake(self)

    def refuse(self, response: Response) -> None:
        """Answer with a response, where the server has that extension; else it says 403."""
        self._started = True
        if "websocket.http.response" in (self.scope.get("extensions") or {}):
            self._started = False
            self.start_response(response.status, response.headers)
            self._silent = False
            self.write(response.body)
            self.put({"type": self.prefix + "response.body", "body": b"", "more_body": False})
        else:
            self.put({"type": "websocket.close"})
        self._finished = True

    def respond(self, response: Response) -> None:
        self.refuse(response)

    def begin(self, websocket: _AsgiWebSocket, headers: Headers, protocol: str) -> None:
        self._started, self.websocket = True, websocket
        self.put({"type": "websocket.accept", "subprotocol": protocol or None, "headers": _lines(headers)})


class _AsgiHandshake:
    def __init__(self, scope: _WebSocketScope) -> None:
        self._scope = scope

    def accept(
        self,
        link: WebSocketLink,
        *,
        headers: HeadersSource = None,
        protocol: str | None = None,
        deflate: bool | DeflateOptions | None = None,  # noqa: ARG002  # the server's business
        max_message: int | None = None,
        idle_timeout: float | None = -1,  # noqa: ARG002  # the server's business
    ) -> WebSocketTransport | None:
        self._check_unanswered()
        scope, sent = self._scope, Headers(headers)
        chosen = protocol or sent.get("sec-websocket-protocol") or ""
        del sent["sec-websocket-protocol"]
        limit = scope.host.options.max_message if max_message is None else max_message
        websocket = _AsgiWebSocket(scope, link, chosen, limit)
        scope.begin(websocket, sent, chosen)
        websocket.begin()
        return websocket

    def reject(self, response: Response) -> None:
        self._check_unanswered()
        self._scope.refuse(response)

    def hand_over(self) -> RawSocket:
        raise UnsupportedByTransport("An ASGI server does not let go of its sockets.")

    def _check_unanswered(self) -> None:
        if self._scope.answered:
            raise AlreadyAnswered("This WebSocket request has been answered already.")


class _AsgiWebSocket:
    """`WebSocketTransport` over ASGI events."""

    def __init__(self, scope: _WebSocketScope, link: WebSocketLink, protocol: str, limit: int) -> None:
        self.id = scope.id
        self.remote_address = scope.remote_address
        self.protocol = protocol
        self.state = OPEN
        self.counters = Counters()
        self._scope = scope
        self._link = link
        self._limit = limit
        self._close_info: tuple[int, str] | None = None
        self._paused = False

    def begin(self) -> None:
        self._scope.host.websockets.add(self)
        self._scope.call(self._link.opened, self)

    def take(self, data: str | bytes) -> None:
        if self.state != OPEN:
            return
        size = size_of(data)
        if size > self._limit:
            self._close_info = (ABNORMAL, "")
            failure = WebSocketFailure(1009, f"Received a message larger than {self._limit} bytes.")
            self._scope.call(self._link.failed, failure)
            self._finish(1009, "")
            return
        self.counters.messages_in += 1
        self.counters.bytes_in += size
        self._scope.call(self._link.message, data)

    def gone(self, code: int, reason: str) -> None:
        if self.state == CLOSED:
            return
        self._scope.host.websockets.discard(self)
        code, reason = self._close_info or (code, reason)
        if code != ABNORMAL:
            self._scope.call(self._link.close_received, code, reason)
        self.state = CLOSED
        self._scope.call(self._link.closed, code, reason)

    @property
    def buffered_amount(self) -> int:
        return self._scope.buffered_amount

    def send(self, data: str | bytes, *, compress: bool = True) -> int:  # noqa: ARG002
        if self.state == OPEN:
            self.counters.messages_out += 1
            self.counters.bytes_out += size_of(data)
            kind = "text" if isinstance(data, str) else "bytes"
            self._scope.put({"type": "websocket.send", kind: data})
        return self._scope.buffered_amount

    def close(self, code: int | None = None, reason: str = "") -> None:
        if self.state != OPEN:
            return
        close_payload(code, reason)
        self._close_info = (1000 if code is None else code, reason)
        self._finish(*self._close_info)

    def _finish(self, code: int, reason: str) -> None:
        self.state = CLOSING
        self._scope.put({"type": "websocket.close", "code": code, "reason": reason})

    def terminate(self) -> None:
        """Close: there is no other end in ASGI."""
        self.close()

    def ping(self, data: bytes = b"") -> None:  # noqa: ARG002
        raise UnsupportedByTransport("ASGI has no pings: the server sends its own.")

    def pause_reading(self) -> None:
        if not self._paused:
            self._paused = True
            self._scope.pause()

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            self._scope.resume()

    def pause_timers(self) -> None:
        """Nothing: the timers are the server's."""

    resume_timers = pause_timers


def _head(scope: Scope, remote_address: str | None) -> Head:
    headers = Headers.from_wire(scope["headers"])
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    query = scope.get("query_string", b"").decode("latin-1")
    target = f"{path}?{query}" if query else path
    secure = scope.get("scheme") in ("https", "wss") or headers.get("x-forwarded-proto") == "https"
    server = scope.get("server") or ("localhost", None)
    place = headers.get("host") or f"{server[0]}:{server[1]}"
    length = headers.get("content-length")
    chunked = "transfer-encoding" in headers
    return Head(
        scope.get("method", "GET"),
        target,
        f"{'https' if secure else 'http'}://{place}{target}",
        scope.get("http_version", "1.1"),
        headers,
        remote_address,
        length=None if chunked else int(length) if length and length.isdigit() else 0,
        websocket=scope["type"] == "websocket",
    )


def _lines(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in headers.lines()
    ]


def _size(event: Event | None) -> int:
    data = event and (event.get("body") or event.get("text") or event.get("bytes"))
    return size_of(data) if data else 0
