"""What the server's tests share: recording links and handlers, and a client that writes bytes by hand."""

from __future__ import annotations

import inspect
import os
import queue
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Self, TypeAlias

from workbench.server import (
    Handshake,
    Request,
    Response,
    WebSocketFailure,
    WebSocketTransport,
)

PATIENCE = 10.0  # seconds
Event: TypeAlias = tuple[Any, ...]


class Events:
    """Events that the server's thread adds and the test awaits."""

    def __init__(self) -> None:
        self.seen: list[Event] = []
        self._queue: queue.Queue[Event] = queue.Queue()

    def add(self, *event: Any) -> None:
        """Note an event."""
        self.seen.append(event)
        self._queue.put(event)

    def expect(self, name: str) -> Event:
        """Wait for the next event of a name; events before it are passed over."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {name!r} came; seen: {self.seen}") from None
            if event[0] == name:
                return event

    def names(self) -> list[str]:
        """Give the names of all events so far."""
        return [event[0] for event in self.seen]


class RecordingLink(Events):
    """A WebSocket link that records; `on_message(transport, data)` is what it does with messages."""

    def __init__(self, on_message: Callable[[WebSocketTransport, str | bytes], object] | None = None) -> None:
        super().__init__()
        self.on_message = on_message
        self._transport: Future[WebSocketTransport] = Future()

    @property
    def transport(self) -> WebSocketTransport:
        """The transport, once there is one."""
        return self._transport.result(PATIENCE)

    def opened(self, transport: WebSocketTransport) -> None:
        """Note it."""
        self._transport.set_result(transport)
        self.add("opened")

    def message(self, data: str | bytes) -> None:
        """Note it, and do what was asked for."""
        self.add("message", data)
        if self.on_message is not None:
            self.on_message(self.transport, data)

    def ping(self, data: bytes) -> None:
        """Note it."""
        self.add("ping", data)

    def pong(self, data: bytes) -> None:
        """Note it."""
        self.add("pong", data)

    def failed(self, error: WebSocketFailure) -> None:
        """Note it."""
        self.add("failed", error.code, str(error))

    def close_received(self, code: int, reason: str) -> None:
        """Note it."""
        self.add("close_received", code, reason)

    def closed(self, code: int, reason: str) -> None:
        """Note it."""
        self.add("closed", code, reason)

    def drained(self) -> None:
        """Note it."""
        self.add("drained")


def echo(transport: WebSocketTransport, data: str | bytes) -> None:
    """Send a message back."""
    transport.send(data)


Upgrade: TypeAlias = Callable[[Request, Handshake], Any]  # what is no awaitable counts as nothing
Answer: TypeAlias = Callable[[Request], Response | Awaitable[Response]]


class StubHandler:
    """A handler of two functions; by default it answers what was asked, and opens an echo."""

    def __init__(self, *, request: Answer | None = None, upgrade: Upgrade | None = None) -> None:
        self.requests: list[Request] = []
        self.link = RecordingLink(echo)
        self._request = request
        self._upgrade = upgrade

    def request(self, request: Request) -> Response | Awaitable[Response]:
        """Answer."""
        self.requests.append(request)
        if self._request is not None:
            return self._request(request)
        return Response(f"{request.method} {request.target} {request.text()}")

    def upgrade(self, request: Request, handshake: Handshake) -> Awaitable[None] | None:
        """Accept, or whatever was asked for."""
        self.requests.append(request)
        if self._upgrade is not None:
            pending = self._upgrade(request, handshake)
            return pending if inspect.isawaitable(pending) else None
        handshake.accept(self.link)
        return None


class Wire:
    """A TCP client that sends what it is told and keeps what comes."""

    def __init__(self, port: int | None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port or 0), timeout=PATIENCE)
        self.received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes | str) -> Wire:
        """Send bytes, or text as Latin-1."""
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def _more(self) -> bool:
        data = self.socket.recv(65536)
        self.received += data
        return bool(data)

    def until(self, mark: bytes) -> bytes:
        """Read up to and with a mark; give it."""
        while mark not in self.received:
            if not self._more():
                raise AssertionError(f"the connection ended before {mark!r}: {self.received!r}")
        found, _, self.received = self.received.partition(mark)
        return found + mark

    def exactly(self, size: int) -> bytes:
        """Read so many bytes."""
        while len(self.received) < size:
            if not self._more():
                raise AssertionError(f"the connection ended early: {self.received!r}")
        found, self.received = self.received[:size], self.received[size:]
        return found

    def rest(self) -> bytes:
        """Read to the end of the connection."""
        while self._more():
            pass
        found, self.received = self.received, b""
        return found

    def response(self, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Read one response with a length; give status, headers in lower case, body."""
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)
        }
        length = int(headers.get("content-length", 0)) if body else 0
        return int(lines[0].split(" ")[1]), headers, self.exactly(length)

    def is_quiet(self, seconds: float = 0.15) -> bool:
        """Whether nothing comes for a while and the connection stays."""
        self.socket.settimeout(seconds)
        try:
            return not self.received and not self._more() and False
        except TimeoutError:
            return not self.received
        finally:
            self.socket.settimeout(PATIENCE)

    # WebSocket by hand

    def upgrade(self, path: str = "/", extra: str = "", *, after: bytes = b"") -> str:
        """Ask for a WebSocket; give the head of the answer."""
        self.send(upgrade_request(path, extra).encode() + after)
        return self.until(b"\r\n\r\n").decode("latin-1")

    def frame(self) -> tuple[int, bytes]:
        """Read one frame; give its first byte and its payload."""
        first, size = self.exactly(2)
        if size == 126:
            (size,) = struct.unpack(">H", self.exactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self.exactly(8))
        return first, self.exactly(size)


def upgrade_request(path: str = "/", extra: str = "") -> str:
    """Make a valid request for a WebSocket."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extra}\r\n"
    )


def frame(first: int, payload: bytes = b"", *, masked: bool = True, size: int | None = None) -> bytes:
    """Make a frame of a client; `size` is what the header claims, if it is to lie."""
    length = len(payload) if size is None else size
    bit = 0x80 if masked else 0
    if length < 126:
        head = bytes((first, bit | length))
    elif length < 65536:
        head = bytes((first, bit | 126)) + struct.pack(">H", length)
    else:
        head = bytes((first, bit | 127)) + struct.pack(">Q", length)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


TEXT, BINARY, CONTINUATION = 0x81, 0x82, 0x80
CLOSE, PING, PONG = 0x88, 0x89, 0x8A
NO_FIN = 0x7F  # and-mask that makes a frame not the last
