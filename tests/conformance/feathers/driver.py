"""Drives the scenario from outside: a real process, Feathers' own client on each transport, raw HTTP."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.testing import free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TIMEOUT = 15.0
_rids = itertools.count(1)

Json = Any


@contextmanager
def scenario() -> Iterator[int]:
    """Serve the scenario as a user would; gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "workbench.cli", "serve", str(HERE / "scenario.py"), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("serving "), line + process.stdout.read()
        reading = threading.Thread(target=process.stdout.read, daemon=True)
        reading.start()
        yield port
    finally:
        process.terminate()
        assert process.wait(TIMEOUT) == 0
        reading.join(TIMEOUT)
        process.stdout.close()


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The body, parsed; None for no body."""
        return json.loads(self.body) if self.body else None


class Http:
    """Raw requests, as no client library would send them."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __call__(
        self, verb: str, path: str, body: Json = None, *, text: str | None = None, **headers: str
    ) -> Answer:
        """Send one request; `x_service_method` names the header X-Service-Method."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = text if body is None else json.dumps(body)
        if data is not None:
            sent.setdefault("content-type", "application/json")
        try:
            link.request(verb, path, data, sent)
            answer = link.getresponse()
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, fields, answer.read())
        finally:
            link.close()

    def journal(self, verb: str, path: str, body: Json = None, **headers: str) -> tuple[list[Json], Answer]:
        """Send one request with a rid of its own; gives what was noted, and the answer."""
        rid = new_rid()
        sign = "&" if "?" in path else "?"
        answer = self(verb, f"{path}{sign}rid={rid}", body, **headers)
        return self.noted(rid), answer

    def noted(self, rid: str) -> list[Json]:
        """Give the journal of a rid."""
        noted: list[Json] = self("GET", f"/journal/{rid}").json
        return noted


def new_rid() -> str:
    """Give a rid that no other call has."""
    return f"r{next(_rids)}"


class Client:
    """Feathers' client in a process of its own."""

    def __init__(self, port: int, transport: str, room: str = "") -> None:
        self.transport = transport
        command = ["node", str(HERE / "client.mjs"), f"http://127.0.0.1:{port}", transport, room]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answers: queue.Queue[dict[str, Json]] = queue.Queue()
        self._events: queue.Queue[dict[str, Json]] = queue.Queue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        assert self._answers.get(timeout=TIMEOUT) == {"ready": True}

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            (self._events if "event" in told else self._answers).put(told)

    def _ask(self, **question: Json) -> dict[str, Json]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answers.get(timeout=TIMEOUT)

    def call(self, path: str, method: str, *arguments: Json) -> Json:
        """Call a method; its result, or the client's error as it looks there, under "error"."""
        answer = self._ask(call=[path, method, *arguments])
        return answer if "error" in answer else answer["result"]

    def journal(self, path: str, method: str, *arguments: Json, **query: Json) -> tuple[list[Json], Json]:
        """Call a method with control keys in its query; gives what was noted, and the outcome."""
        rid = new_rid()
        outcome = self.call(path, method, *arguments, {"query": {"rid": rid, **query}})
        return self.call("journal", "get", rid), outcome

    def emit(self, *packet: Json) -> list[Json] | None:
        """Send a packet of Socket.IO as it is; what it is acknowledged with, None for nothing."""
        ack: list[Json] | None = self._ask(emit=list(packet))["ack"]
        return ack

    def order(self, path: str, method: str, *arguments: Json) -> list[str]:
        """Call a method; the events that came ahead of its end."""
        before: list[str] = self._ask(order=[path, method, *arguments])["before"]
        return before

    def listen(self, path: str, *events: str) -> None:
        """Listen to events of a service."""
        for event in events:
            self._ask(listen=[path, event])

    def heard(self, count: int) -> list[tuple[str, Json]]:
        """Give the next events, as many as that."""
        found = [self._events.get(timeout=TIMEOUT) for _ in range(count)]
        return [(one["event"], one["data"]) for one in found]

    def nothing_more(self) -> bool:
        """Whether no event is left, once a round trip has ended."""
        self.call("values", "get", "number")
        return self._events.empty()

    def close(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(TIMEOUT) == 0
        self._reading.join(TIMEOUT)
        assert self._process.stdout is not None
        self._process.stdout.close()
