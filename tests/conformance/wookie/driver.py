"""Drives the scenario from outside: a real process, raw sockets, and the events that it keeps."""

from __future__ import annotations

import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from workbench.testing import free_port

TIMEOUT = 15.0
SILENCE = 0.25  # seconds without a byte that count as none coming
SCENARIO = Path(__file__).with_name("scenario.py")

Event = dict[str, Any]


@dataclass
class Answer:
    """A response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Raw:
    """One connection, byte by byte."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, close: bool = False, **headers: str
    ) -> None:
        """Send a request, with Content-Length where there is a body."""
        self.send(request(method, path, body, close=close, **headers))

    def get(self, path: str, *, close: bool = False, **headers: str) -> Answer:
        """Send a GET and read the answer."""
        self.ask("GET", path, None, close=close, **headers)
        return self.answer()

    def post(self, path: str, body: bytes, *, close: bool = False, **headers: str) -> Answer:
        """Send a POST and read the answer."""
        self.ask("POST", path, body, close=close, **headers)
        return self.answer()

    def answer_to(self, method: str, path: str) -> Answer:
        """Send a request without a body and read the answer."""
        self.ask(method, path)
        return self.answer()

    def answer(self) -> Answer:
        """Read one response, up to the end of its body."""
        head, _, self.buffer = self._up_to(b"\r\n\r\n").partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, *_ = first.split(" ")
        assert version == "HTTP/1.1"
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Answer(int(status), headers, self._body(int(status), headers))

    def _body(self, status: int, headers: dict[str, str]) -> bytes:
        if status == 100:
            return b""
        if headers.get("transfer-encoding") == "chunked":
            return self._chunks()
        return self._take(int(headers["content-length"]))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size, _, self.buffer = self._up_to(b"\r\n").partition(b"\r\n")
            piece = self._take(int(size, 16) + 2)[:-2]
            if not piece:
                return body
            body += piece

    def _up_to(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self._more()
        return self.buffer

    def _take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self._more()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"the server ended the connection after {self.buffer!r}")
        self.buffer += data

    def reset(self) -> None:
        """Leave without a goodbye: TCP's reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def silent(self, seconds: float = SILENCE) -> bool:
        """Whether nothing more comes, and the connection stays open."""
        if self.buffer:
            return False
        self.socket.settimeout(seconds)
        try:
            self.buffer = self.socket.recv(65536)
        except TimeoutError:
            return True
        else:
            return False
        finally:
            self.socket.settimeout(TIMEOUT)

    def ended(self) -> bool:
        """Whether the server ends the connection without a further byte."""
        try:
            return not self.buffer and self.socket.recv(65536) == b""
        except ConnectionResetError:
            return True


def request(
    method: str, path: str, body: bytes | None = None, *, close: bool = False, **headers: str
) -> bytes:
    """Make the bytes of a request."""
    fields = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if close:
        fields["Connection"] = "close"
    if body is not None:
        fields["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + (body or b"")


def chunked(path: str, *pieces: bytes, close: bool = False) -> bytes:
    """Make the bytes of a POST in chunks."""
    head = request("POST", path, close=close, Transfer_Encoding="chunked")
    return head + b"".join(chunk(piece) for piece in pieces) + chunk(b"")


def chunk(piece: bytes) -> bytes:
    """Make the bytes of one chunk."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


class Scenario:
    """One bench of the scenario, with the control connection that is open all the time."""

    def __init__(self, profile: str, port: int) -> None:
        self.profile = profile
        self.port = port
        self._control = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    @property
    def head(self) -> bool:
        """Whether failures are answered."""
        return self.profile == "head"

    def control(self, path: str, **query: str) -> str:
        """Ask a control route."""
        self._control.request("GET", f"{path}?{urlencode(query)}" if query else path)
        response = self._control.getresponse()
        text = response.read().decode()
        assert response.status == 200, (path, response.status, text)
        return text

    def add(self, hook: str, label: str, action: str = "ok", **more: str) -> None:
        """Append a function to a point."""
        assert self.control("/_/add", hook=hook, fn=label, do=action, **more) == "ok"

    def events(self, at: str | None = None) -> list[Event]:
        """Give the events so far, or those of one kind."""
        events: list[Event] = json.loads(self.control("/trace"))
        return [event for event in events if at is None or event["at"] == at]

    def order(self) -> list[str]:
        """Give what happened, in words: ``pre-route/A``, ``done pre-route/A``, ``route/ok`` ..."""
        return [_word(event) for event in self.events()]

    def until(self, word: str) -> list[str]:
        """Wait until something has happened, and give what did so far."""
        until(lambda: word in self.order(), word)
        return self.order()

    def until_hooks(self, calls: int) -> None:
        """Wait until hooks were called so many times: what was sent so far was read, and by itself."""
        until(lambda: len(self.events("hook")) >= calls, f"{calls} calls of hooks")

    def raw(self) -> Raw:
        """Open a connection."""
        return Raw(self.port)

    def close(self) -> None:
        """End the control connection."""
        self._control.close()


def _word(event: Event) -> str:
    at = event["at"]
    if at in ("hook", "hook-done"):
        return ("done " if at == "hook-done" else "") + f"{event['hook']}/{event['fn']}"
    return f"{at}/{event['id']}" if at == "route" else str(at)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


@contextmanager
def serving() -> Iterator[dict[str, Scenario]]:
    """Serve the scenario in a process of its own; gives its benches by profile."""
    port = free_port(2)
    command = [sys.executable, "-m", "workbench.cli", "serve", str(SCENARIO), "--port", str(port)]
    quick = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=quick) as process,
    ):
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        benches = {name: Scenario(name, port + number) for number, name in enumerate(("docs", "head"))}
        try:
            assert all(line.startswith("serving ") for line in lines), lines
            yield benches
        finally:
            for bench in benches.values():
                bench.close()
            process.terminate()
            process.communicate(timeout=10)
