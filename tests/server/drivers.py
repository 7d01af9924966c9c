"""One way to drive each transport, so that one suite can be run over all of them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any, Protocol

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.support import Events, Wire, frame
from workbench.server import Application, HookServer, Response, ServerOptions, asgi_application
from workbench.testing import free_port
from workbench.testing.memory import Disconnected, MemoryClient, MemoryWebSocket, Refused, make_head


class CannotDo(Exception):
    """The driver has no way to do this on its transport."""


async def wait_for(events: Events, name: str, seconds: float = 3.0) -> None:
    """Wait until an event of this name was seen, without holding up the loop."""
    async with asyncio.timeout(seconds):
        while name not in events.names():  # noqa: ASYNC110  # another thread's list
            await asyncio.sleep(0.005)


class Socket(Protocol):
    """The client's end of a WebSocket."""

    headers: dict[str, str]
    protocol: str

    async def send(self, data: str | bytes) -> None:
        """Send a message."""

    async def receive(self) -> str | bytes:
        """Give the next message."""

    async def ping(self, data: bytes) -> None:
        """Send a ping and wait for its pong."""

    async def close(self, code: int, reason: str) -> None:
        """Close."""

    async def ended(self) -> tuple[int, str]:
        """Wait for the end; give code and reason."""


class Driver(Protocol):
    """A served application, and a client of it."""

    async def fetch(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        """Send a request."""

    async def connect(self, path: str = "/", protocols: tuple[str, ...] = ()) -> Socket:
        """Open a WebSocket, raises `Refused`."""

    async def open(self) -> None:
        """Open a connection without sending anything."""

    async def two_requests(self) -> bytes:
        """Send two requests on one connection; give the first answer's body."""

    async def offer_body(self) -> bool:
        """Ask whether a body may be sent; give whether a 100 came."""

    async def slow_client(self) -> None:
        """Open a WebSocket, say "go", read nothing for a while, then all."""

    async def send_after_close(self) -> None:
        """Open a WebSocket, say "close", get the close frame, say "late", answer the close frame."""

    async def silent_client(self) -> None:
        """Open a WebSocket and never answer anything."""

    async def violate(self) -> None:
        """Open a WebSocket and send a frame that is none."""

    async def long_headers(self) -> int:
        """Send headers of 5000 bytes; give the status."""


class WireDriver:
    """Drives a server on a port: the built-in one, or any ASGI server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._kept: Wire | None = None

    def end(self) -> None:
        """Let go of a connection that was kept."""
        if self._kept is not None:
            self._kept.socket.close()

    async def fetch(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        """Send a request."""
        return await asyncio.to_thread(self._fetch, method, path, body, headers)

    def _fetch(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        with Wire(self.port) as wire:
            wire.send(head.encode() + body)
            return read_response(wire, method)

    async def connect(self, path: str = "/", protocols: tuple[str, ...] = ()) -> Socket:
        """Open a WebSocket, raises `Refused`."""
        url = f"ws://127.0.0.1:{self.port}{path}"
        try:
            connection = await connect(url, subprotocols=protocols or None, proxy=None)  # type: ignore[arg-type]
        except InvalidStatus as refusal:
            answer = refusal.response
            raise Refused(Response(bytes(answer.body or b""), status=answer.status_code)) from None
        return _RealSocket(connection)

    async def open(self) -> None:
        """Open a connection without sending anything."""
        self._kept = Wire(self.port)

    async def two_requests(self) -> bytes:
        """Send two requests on one connection; give the first answer's body."""

        def talk() -> bytes:
            with Wire(self.port) as wire:
                wire.send("GET /drop HTTP/1.1\r\nHost: localhost\r\n\r\n")
                wire.send("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return read_response(wire, "GET").body

        return await asyncio.to_thread(talk)

    async def offer_body(self) -> bool:
        """Ask whether a body may be sent; give whether a 100 came."""

        def talk() -> bool:
            head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
            with Wire(self.port) as wire:
                return b" 100 " in wire.send(head).until(b"\r\n")

        return await asyncio.to_thread(talk)

    async def slow_client(self) -> None:
        """Open a WebSocket, say go, read nothing for a while, then all."""

        def talk() -> None:
            wire = self._kept = Wire(self.port)
            wire.upgrade()
            wire.send(frame(0x81, b"go"))
            time.sleep(0.1)
            while wire.frame()[1] != b"end":
                pass

        await asyncio.to_thread(talk)

    async def send_after_close(self) -> None:
        """Open a WebSocket, have it closed, say late, answer the close frame."""

        def talk() -> None:
            with Wire(self.port) as wire:
                wire.upgrade()
                wire.send(frame(0x81, b"close"))
                _, payload = wire.frame()
                wire.send(frame(0x81, b"late") + frame(0x88, payload))
                wire.rest()

        await asyncio.to_thread(talk)

    async def silent_client(self) -> None:
        """Open a WebSocket and never answer anything."""
        self._kept = Wire(self.port)
        await asyncio.to_thread(self._kept.upgrade)

    async def violate(self) -> None:
        """Open a WebSocket and send a frame that is none."""

        def talk() -> None:
            with Wire(self.port) as wire:
                wire.upgrade()
                wire.send(frame(0x83, b"x"))
                wire.frame()

        await asyncio.to_thread(talk)

    async def long_headers(self) -> int:
        """Send headers of 5000 bytes; give the status."""
        return (await self.fetch("GET", "/", X="x" * 5000)).status


class _RealSocket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        response = connection.response
        self.headers = {key.lower(): value for key, value in response.headers.raw_items()} if response else {}
        self.protocol = connection.subprotocol or ""

    async def send(self, data: str | bytes) -> None:
        """Send a message."""
        await self._connection.send(data)

    async def receive(self) -> str | bytes:
        """Give the next message."""
        return await self._connection.recv()

    async def ping(self, data: bytes) -> None:
        """Send a ping and wait for its pong."""
        await (await self._connection.ping(data))

    async def close(self, code: int, reason: str) -> None:
        """Close."""
        await self._connection.close(code, reason)

    async def ended(self) -> tuple[int, str]:
        """Wait for the end; give code and reason."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._connection.recv()
        return self._connection.close_code or 0, self._connection.close_reason or ""


def read_response(wire: Wire, method: str) -> Response:
    """Read one response, chunked or with a length."""
    status_line, *lines = wire.until(b"\r\n\r\n").decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    _, status, text = status_line.split(" ", 2)
    response = Response(status=int(status), status_text=text, headers=headers)
    if method == "HEAD":
        return response
    if "transfer-encoding" in response.headers:
        while size := int(wire.until(b"\r\n"), 16):
            response.body += wire.exactly(size)
            wire.exactly(2)
    else:
        response.body = wire.exactly(int(response.headers.get("content-length", "0") or 0))
    return response


class MemoryDriver:
    """Drives the transport in memory."""

    def __init__(self, application: Application, options: ServerOptions) -> None:
        self.client = MemoryClient(application, options)

    async def fetch(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        """Send a request."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.fetch(method, path, headers=fields, body=body)

    async def connect(self, path: str = "/", protocols: tuple[str, ...] = ()) -> Socket:
        """Open a WebSocket, raises `Refused`."""
        return _MemorySocket(await self.client.connect(path, protocols=protocols))

    async def open(self) -> None:
        """Open a connection without sending anything."""
        self.client.connection()

    async def two_requests(self) -> bytes:
        """Send two requests on one connection; give the first answer's body."""
        connection = self.client.connection()
        with contextlib.suppress(ConnectionError):
            await connection.exchange(make_head("GET", "/drop"))
        return (await connection.exchange(make_head("GET", "/next"))).body

    async def offer_body(self) -> bool:
        """Ask whether a body may be sent; give whether a 100 came."""
        connection = self.client.connection()
        await connection.exchange(make_head("POST", "/", {"Expect": "100-continue"}, 4), [b"body"])
        return connection.continued

    async def slow_client(self) -> None:
        """Open a WebSocket, say go, read nothing for a while, then all."""
        websocket = await self.client.connect("/")
        websocket.hold()
        websocket.send("go")
        await asyncio.sleep(0.01)
        websocket.release()

    async def send_after_close(self) -> None:
        """Open a WebSocket, have it closed, say late, answer the close frame."""
        websocket = await self.client.connect("/")
        websocket.polite = False
        websocket.send("close")
        await asyncio.sleep(0.01)
        websocket.send("late")
        await websocket.close()

    async def silent_client(self) -> None:
        """Open a WebSocket and never answer anything."""
        (await self.client.connect("/")).polite = False

    async def violate(self) -> None:
        """Open a WebSocket and send a frame that is none."""
        raise CannotDo("there are no frames in memory")

    async def long_headers(self) -> int:
        """Send headers of 5000 bytes; give the status."""
        return (await self.fetch("GET", "/", X="x" * 5000)).status


class _MemorySocket:
    def __init__(self, websocket: MemoryWebSocket) -> None:
        self._websocket = websocket
        self.headers = dict(websocket.response.headers.items())
        self.protocol = websocket.protocol

    async def send(self, data: str | bytes) -> None:
        """Send a message."""
        self._websocket.send(data)

    async def receive(self) -> str | bytes:
        """Give the next message."""
        return await self._websocket.receive()

    async def ping(self, data: bytes) -> None:
        """Send a ping and wait for its pong."""
        await self._websocket.ping(data)

    async def close(self, code: int, reason: str) -> None:
        """Close."""
        await self._websocket.close(code, reason)

    async def ended(self) -> tuple[int, str]:
        """Wait for the end; give code and reason."""
        with contextlib.suppress(Disconnected):
            while True:
                await self._websocket.receive()
        return self._websocket.code or 0, self._websocket.reason


@contextlib.contextmanager
def driving(transport: str, application: Application, errors: list[str], **options: Any) -> Iterator[Driver]:
    """Serve an application over a transport; errors that it reports are added to the list."""

    def report(error: BaseException, what: str) -> None:
        errors.append(f"{what}: {error!r}")

    settings = ServerOptions(port=free_port(), stop_timeout=0.2, **options)
    if transport == "memory":
        driver = MemoryDriver(application, settings)
        driver.client.host.report = report
        yield driver
    elif transport == "socket":
        server = HookServer(application, settings, "driven", report=report)
        server.start()
        wires = WireDriver(settings.port)
        try:
            yield wires
        finally:
            wires.end()
            server.stop()
    else:
        with hosting(asgi_application(application, settings, report=report), settings.port):
            wires = WireDriver(settings.port)
            try:
                yield wires
            finally:
                wires.end()


@contextlib.contextmanager
def hosting(application: Any, port: int) -> Iterator[None]:
    """Run an ASGI application under uvicorn, in a thread."""
    config = uvicorn.Config(
        application,
        port=port,
        log_config=None,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    startup = server.startup

    async def starting(*args: Any, **options: Any) -> None:
        await startup(*args, **options)
        started.set()

    server.startup = starting  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    started.wait(10)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
