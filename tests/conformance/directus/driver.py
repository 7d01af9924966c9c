"""Drives the Directus scenario from outside: a real process, raw sockets, HTTP, and Directus's own SDK."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from workbench.testing import free_port

TIMEOUT = 20.0  # seconds; a busy machine takes its time
HERE = Path(__file__).parent
PROFILES = ("main", "public", "strict", "limits")

Message = dict[str, Any]
_uids = itertools.count(1000)


class Client:
    """A raw WebSocket client that reads JSON."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws
        self.uid = ""

    def send(self, message: Any) -> None:
        """Send a message: text and bytes as they are, anything else as JSON."""
        self.ws.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    def text(self, timeout: float = TIMEOUT) -> str:
        """Give the next message as it came."""
        data = self.ws.recv(timeout=timeout)
        assert isinstance(data, str)
        return data

    def next(self, timeout: float = TIMEOUT) -> Any:
        """Give the next message, read as JSON."""
        return json.loads(self.text(timeout))

    def ask(self, message: Any) -> Any:
        """Send a message and give the next one that comes."""
        self.send(message)
        return self.next()

    def call(self, message: Message) -> Any:
        """Send a message with a uid of its own and give its answer; what comes before is passed over."""
        uid = f"u{next(_uids)}"
        self.send({**message, "uid": uid})
        return self.wait(lambda answer: answer.get("uid") == uid)

    def wait(self, wanted: Callable[[Any], bool]) -> Any:
        """Pass over messages until the wanted one comes."""
        end = time.monotonic() + TIMEOUT
        while True:
            answer = self.next(max(0.01, end - time.monotonic()))
            if isinstance(answer, dict) and wanted(answer):
                return answer

    def silent(self, seconds: float = 0.15) -> bool:
        """Tell whether nothing comes for a while."""
        try:
            self.ws.recv(timeout=seconds)
        except TimeoutError:
            return True
        return False

    def rest(self, seconds: float = 0.15) -> list[Any]:
        """Give all that comes until nothing comes for a while."""
        found = []
        while True:
            try:
                found.append(json.loads(self.ws.recv(timeout=seconds)))
            except TimeoutError:
                return found

    def ended(self) -> int | None:
        """Wait for the end; give its code, 1005 for none."""
        try:
            while True:
                self.ws.recv(timeout=TIMEOUT)
        except ConnectionClosed as closed:
            return 1006 if closed.rcvd is None else closed.rcvd.code

    def close(self) -> None:
        """Close from this side."""
        self.ws.close()


class Scenario:
    """The running scenario.

    Parameters
    ----------
    port
        Of the first profile; the others follow.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    def port_of(self, profile: str) -> int:
        """Give the port of a profile."""
        return self.port + PROFILES.index(profile)

    @contextmanager
    def socket(self, profile: str = "main", query: str = "", **options: Any) -> Iterator[Client]:
        """Open a WebSocket, without signing in."""
        url = f"ws://127.0.0.1:{self.port_of(profile)}/websocket{query}"
        settings = {
            "open_timeout": TIMEOUT,
            "close_timeout": 1,
            "proxy": None,
            "ping_interval": None,
        } | options
        with connect(url, **settings) as ws:
            yield Client(ws)

    @contextmanager
    def client(self, token: str = "alice-token", profile: str = "main") -> Iterator[Client]:
        """Sign a client in by its token; its welcome has been read."""
        with self.socket(profile) as client:
            assert client.ask({"type": "auth", "access_token": token}) == {"type": "auth", "status": "ok"}
            client.uid = client.wait(lambda message: message["type"] == "welcome")["client"]
            yield client

    def request(
        self, method: str, path: str, body: Any = None, *, profile: str = "main", token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:  # fmt: skip
        """Ask over HTTP; give status and what was answered, read as JSON where it is some."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port_of(profile), timeout=TIMEOUT)
        sent = dict(headers or {})
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            text = response.read().decode()
            is_json = (response.getheader("content-type") or "").startswith("application/json")
            return response.status, json.loads(text) if is_json else text
        finally:
            connection.close()

    def mark(self, client: Client) -> int:
        """Give the number of the trace's last entry."""
        return int(client.call({"type": "trace"})["last"])

    def trace(self, client: Client, after: int, label: str = "") -> list[Message]:
        """Give the trace's entries after a number, of one label or all."""
        entries = client.call({"type": "trace", "after": after})["entries"]
        return [entry for entry in entries if label in ("", entry["label"])]

    def traced(self, client: Client, after: int, label: str, count: int = 1) -> list[Message]:
        """Wait until the trace has so many entries of a label."""
        end = time.monotonic() + TIMEOUT
        while len(found := self.trace(client, after, label)) < count:
            assert time.monotonic() < end, f"waited for {count} of {label}, got {found}"
            time.sleep(0.02)
        return found

    def sdk(self, script: str, profile: str = "main") -> Any:
        """Run a script of Directus's own SDK; what it printed last, read as JSON."""
        node = shutil.which("node")
        assert node is not None, "Directus's SDK needs Node"
        done = subprocess.run(
            [node, str(HERE / "client.mjs"), script, f"http://127.0.0.1:{self.port_of(profile)}"],
            capture_output=True, text=True, timeout=30, cwd=HERE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def serving() -> Iterator[Scenario]:
    """Run `workbench serve` on the scenario, as a user would."""
    port = free_port(len(PROFILES))
    command = [sys.executable, "-m", "workbench.cli", "serve", str(HERE / "scenario.py"), "--port", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
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
    ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line)
            if f":{port + len(PROFILES) - 1}" in line:
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    assert ready.wait(30), "".join(output)
    assert process.poll() is None, "".join(output)
    for place, profile in enumerate(PROFILES):
        line = f"serving {profile} (directus) on http://127.0.0.1:{port + place}"
        assert any(one.startswith(line) for one in output), output
