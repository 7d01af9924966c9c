"""Drives the scenario from outside: a real process, real sockets, and the log that it keeps."""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from workbench.testing import free_port

TIMEOUT = 15.0
SCENARIO = Path(__file__).with_name("scenario.py")
_tags = itertools.count(1)

Entry = dict[str, Any]


@dataclass
class Answer:
    """The head of an HTTP response as it came, and what followed it."""

    status_line: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    @property
    def status(self) -> int:
        """The number on the status line."""
        return int(self.status_line.split(" ")[1])

    def get_all(self, name: str) -> list[str]:
        """Give all values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        """Give the value of a header that came once at most."""
        values = self.get_all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None


@dataclass
class RawSocket:
    """A client that may misbehave: frames are made by hand, and nothing is answered by itself."""

    socket: socket.socket
    answer: Answer
    received: bytes = b""

    def frame(
        self, opcode: int, payload: bytes = b"", *, first: int | None = None, masked: bool = True
    ) -> None:
        """Send one frame; `first` replaces its first byte."""
        head = bytes([(0x80 | opcode) if first is None else first])
        bit = 0x80 if masked else 0
        if len(payload) < 126:
            head += bytes([bit | len(payload)])
        elif len(payload) < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", len(payload))
        # A mask of zeros is a mask, and leaves the payload readable.
        self.socket.sendall(head + (bytes(4) if masked else b"") + payload)

    def text(self, text: str) -> None:
        """Send a text message."""
        self.frame(1, text.encode())

    def read_frame(self) -> tuple[int, bytes]:
        """Give first byte and payload of the next frame; raises EOFError at the end of the stream."""
        first, second = self._take(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self._take(8))
        return first, self._take(length)

    def read_close(self) -> tuple[int, str]:
        """Skip to the close frame; 1005 when it has no code."""
        while True:
            first, payload = self.read_frame()
            if first & 0x0F == 8:
                return (int.from_bytes(payload[:2], "big"), payload[2:].decode()) if payload else (1005, "")

    def at_end(self) -> bool:
        """Wait until the server ends the stream, by closing or by reset."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def drop(self) -> None:
        """End TCP at once, without a closing handshake."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _take(self, size: int) -> bytes:
        while len(self.received) < size:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self.received += data
        taken, self.received = self.received[:size], self.received[size:]
        return taken


@dataclass
class Client:
    """A well-behaved client."""

    ws: ClientConnection
    tag: str
    received: list[Any] = field(default_factory=list)

    def send(self, data: str | bytes) -> None:
        """Send a message."""
        self.ws.send(data)

    def recv(self) -> Any:
        """Give the next message."""
        return self.ws.recv(timeout=TIMEOUT)

    def json(self) -> Any:
        """Give the next message, read as JSON."""
        return json.loads(self.recv())

    def ask(self, data: str | bytes) -> Any:
        """Send a message and give the next one."""
        self.send(data)
        return self.recv()

    def ended(self) -> tuple[int | None, str | None]:
        """Wait for the end; give its code and reason, 1006 when there was no close frame."""
        try:
            while True:
                self.received.append(self.ws.recv(timeout=TIMEOUT))
        except ConnectionClosed:
            pass
        return self.ws.close_code, self.ws.close_reason

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close from this side."""
        self.ws.close(code, reason)


class Scenario:
    """The running scenario.

    Parameters
    ----------
    port
        Of the main server; the idle one has the next.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.host = f"127.0.0.1:{port}"

    # Control ----------------------------------------------------------------------------------

    def get(self, route: str, port: int | None = None) -> tuple[int, Any]:
        """Ask a control route; give status and JSON, or status and text where it is none."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=TIMEOUT)
        try:
            connection.request("GET", route)
            response = connection.getresponse()
            body = response.read().decode()
            kind = response.getheader("content-type") or ""
            return response.status, json.loads(body) if kind.startswith("application/json") else body
        finally:
            connection.close()

    def control(self, route: str, **query: Any) -> Any:
        """Ask a control route that answers 200."""
        pairs = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
        status, answer = self.get(f"/_/{route}?{pairs}")
        assert status == 200
        return answer

    def log(self, tag: str) -> list[Entry]:
        """Give the log entries of a tag."""
        entries: list[Entry] = self.control("log", tag=tag)
        return entries

    def hooks(self, tag: str) -> list[str]:
        """Give who and which hook of each entry: `["G upgrade", "resolver resolve", ...]`."""
        return [f"{entry['who']} {entry['hook']}" for entry in self.log(tag)]

    def wait_for(self, tag: str, hook: str, count: int = 1) -> list[Entry]:
        """Wait until the log has so many entries of a hook ("G close"); give them."""
        found: list[Entry] = []

        def there() -> bool:
            found[:] = [one for one in self.log(tag) if f"{one['who']} {one['hook']}" == hook]
            return len(found) >= count

        until(there, f"{count} of {hook} in {tag}")
        return found

    def escaped(self, message: str) -> bool:
        """Wait until an error with this message has escaped."""
        until(lambda: message in self.control("escaped"), f"{message!r} among the escaped errors")
        return True

    # Clients ----------------------------------------------------------------------------------

    def url(self, path: str, tag: str, port: int | None = None) -> str:
        """Give the address of a path, with its tag."""
        return f"ws://127.0.0.1:{port or self.port}{path}?tag={tag}"

    @contextmanager
    def client(self, path: str = "/plain", *, port: int | None = None, **options: Any) -> Iterator[Client]:
        """Connect a client; it is closed at the end of the block."""
        tag = new_tag()
        options = {
            "compression": None,
            "open_timeout": TIMEOUT,
            "close_timeout": TIMEOUT,
            "proxy": None,
        } | options
        with connect(self.url(path, tag, port), **options) as ws:
            yield Client(ws, tag)

    @contextmanager
    def raw(self, path: str = "/plain", **options: Any) -> Iterator[tuple[RawSocket, str]]:
        """Connect a client that makes its frames by hand."""
        tag = new_tag()
        raw = self.handshake(path, tag, **options)
        assert raw.answer.status == 101, raw.answer
        try:
            yield raw, tag
        finally:
            raw.socket.close()

    def handshake(
        self,
        path: str,
        tag: str,
        headers: dict[str, str] | None = None,
        *,
        method: str = "GET",
        port: int | None = None,
        without: tuple[str, ...] = (),
        early: bytes = b"",
    ) -> RawSocket:
        """Ask for a WebSocket by hand; give what was answered, up to the end of the head."""
        fields = {
            "Host": self.host,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **(headers or {}),
        }
        lines = [f"{name}: {value}" for name, value in fields.items() if name not in without]
        request = "\r\n".join([f"{method} {path}?tag={tag} HTTP/1.1", *lines, "", ""])
        link = socket.create_connection(("127.0.0.1", port or self.port), timeout=TIMEOUT)
        link.sendall(request.encode() + early)
        return _read_head(link)

    def refused(self, path: str, **options: Any) -> tuple[Answer, str]:
        """Ask for a WebSocket that is refused; give the whole response and the tag."""
        tag = new_tag()
        raw = self.handshake(path, tag, **options)
        with raw.socket:
            body = raw.received
            while piece := raw.socket.recv(65536):
                body += piece
        raw.answer.body = body
        return raw.answer, tag


def _read_head(link: socket.socket) -> RawSocket:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = link.recv(65536)
        if not piece:
            raise EOFError(f"the server ended the connection after {data!r}")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return RawSocket(link, Answer(status_line, headers), rest)


def new_tag() -> str:
    """Make a tag that no other test uses."""
    return f"t{next(_tags)}"


def until(condition: Callable[[], bool], what: str) -> None:
    """Ask again and again, since a log in another process cannot be awaited."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"waited {TIMEOUT} s for {what}"
        time.sleep(0.01)


@contextmanager
def serving() -> Iterator[Scenario]:
    """Run `workbench serve` on the scenario, as a user would."""
    port = free_port(2)
    command = [sys.executable, "-m", "workbench.cli", "serve", str(SCENARIO), "--port", str(port)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    output: list[str] = []
    try:
        _wait_until_serving(process, port, output)
        yield Scenario(port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _wait_until_serving(process: subprocess.Popen[str], port: int, output: list[str]) -> None:
    both = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line)
            if f":{port + 1}" in line:
                both.set()
        both.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert both.wait(20), "".join(output)
    assert process.poll() is None, "".join(output)
    assert output[0].startswith(f"serving main (crossws) on http://127.0.0.1:{port}"), output
    assert output[1].startswith(f"serving idle (crossws) on http://127.0.0.1:{port + 1}"), output
