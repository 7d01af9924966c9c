"""Drives the scenario from outside: a real process, raw WebSockets, and the real provider under Node."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.dialects.hocuspocus.support import decoded
from workbench.dialects.hocuspocus.wire import Frames
from workbench.testing import free_port

HERE = Path(__file__).parent
SCENARIO = HERE / "scenario.py"
TIMEOUT = 10.0
_numbers = itertools.count(1)

Frame = tuple[Any, ...]


def until(condition: Callable[[], object], what: str) -> None:
    """Ask again and again, since another process tells nobody."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"waited {TIMEOUT} s for {what}"
        time.sleep(0.02)


def a_document(family: str = "doc") -> str:
    """Make a name that no other test uses, of a family that does what the scenario says."""
    return f"{family}.{next(_numbers)}"


class Raw:
    """A client that makes its frames by hand."""

    def __init__(self, ws: ClientConnection, address: str) -> None:
        self.ws = ws
        self.frames = Frames(address)

    def send(self, *frames: bytes | str) -> None:
        """Send frames, or texts."""
        for frame in frames:
            self.ws.send(frame)

    def next(self, kind: str | None = None) -> Frame:
        """Give the next frame, or the next of a kind."""
        while True:
            data = self.ws.recv(timeout=TIMEOUT)
            assert isinstance(data, bytes)
            frame = decoded(data)
            if kind in (None, frame[0]):
                return frame

    def enter(self, token: str = "token", version: str | None = None) -> Frame:
        """Authenticate; what the server says to it."""
        self.send(self.frames.token(token, version))
        while (frame := self.next())[0] not in ("authenticated", "denied"):
            pass
        return frame

    def quiet(self, seconds: float = 0.15) -> list[Frame]:
        """Collect what comes within a while."""
        found = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                data = self.ws.recv(timeout=left)
            except TimeoutError:
                break
            assert isinstance(data, bytes)
            found.append(decoded(data))
        return found

    def closed(self) -> tuple[int | None, str | None]:
        """Wait for the end of the socket; its code and reason."""
        try:
            while True:
                self.ws.recv(timeout=TIMEOUT)
        except ConnectionClosed:
            return self.ws.close_code, self.ws.close_reason


class Scenario:
    """The running scenario."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"ws://127.0.0.1:{port}"

    def get(self, path: str, **query: Any) -> Any:
        """Ask a control route."""
        address = f"http://127.0.0.1:{self.port}{path}?{urlencode(query)}"
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
            return json.load(answer)

    def trace(self, document: str) -> list[dict[str, Any]]:
        """Give the trace of a document."""
        found: list[dict[str, Any]] = self.get("/__trace", doc=document)
        return found

    def hooks(self, document: str, unit: str = "mid") -> list[str]:
        """Give the hooks of a unit in the order of their calls."""
        return [entry["hook"] for entry in self.trace(document) if entry["ext"] == unit]

    def calls(self, document: str, hook: str, unit: str = "mid") -> list[dict[str, Any]]:
        """Give the calls of one hook of one unit."""
        return [one for one in self.trace(document) if one["hook"] == hook and one["ext"] == unit]

    def wait_for(self, document: str, hook: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until a hook was called so many times."""
        until(lambda: len(self.calls(document, hook)) >= count, f"{count} of {hook} for {document}")
        return self.calls(document, hook)

    @contextmanager
    def raw(self, address: str, path: str = "/", **options: Any) -> Iterator[Raw]:
        """Open a socket for a client of a document."""
        with connect(self.url + path, compression=None, proxy=None, close_timeout=TIMEOUT, **options) as ws:
            yield Raw(ws, address)


class Providers:
    """Real providers in a Node process."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    def __call__(self, command: str, **values: Any) -> Any:
        """Give a command and wait for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"command": command, **values}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer["answer"]

    def open(self, name: str, document: str, **values: Any) -> None:
        """Open a provider for a document; providers of one `socket` share it."""
        self("open", **{"id": name, "name": document, "socket": name, "url": self.url, **values})

    def see(self, name: str) -> dict[str, Any]:
        """Look at a provider."""
        found: dict[str, Any] = self("see", id=name)
        return found

    def wait(self, name: str, condition: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
        """Wait until something holds of a provider; give how it looks then."""
        seen: dict[str, Any] = {}

        def holds() -> object:
            seen.clear()
            seen.update(self.see(name))
            return condition(seen)

        until(holds, what)
        return seen

    def synced(self, *names: str) -> None:
        """Wait until providers are synchronised and nothing of theirs is unsaved."""
        for name in names:
            self.wait(name, lambda seen: seen["synced"] and not seen["unsynced"], f"{name} to be synced")


@contextmanager
def serving(file: Path = SCENARIO, port: int | None = None, **environment: str) -> Iterator[Scenario]:
    """Run `workbench serve` on a file, as a user would."""
    port = port or free_port()
    process = started(file, port, **environment)
    try:
        yield Scenario(port)
    finally:
        process.terminate()
        try:
            process.wait(15)
        finally:
            process.kill()
            process.wait()


def started(file: Path, port: int, **environment: str) -> subprocess.Popen[str]:
    """Begin to serve a file; returns when it listens."""
    command = [sys.executable, "-m", "workbench.cli", "serve", str(file), "--port", str(port)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert f":{port}" in line, line
    process.stdout.close()
    return process


@contextmanager
def providers(url: str) -> Iterator[Providers]:
    """Run Node with the real provider."""
    node = shutil.which("node")
    assert node is not None, "these tests need Node; python3 dev.py test says how to get it"
    process = subprocess.Popen(
        [node, str(HERE / "providers.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )
    try:
        yield Providers(process, url)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
