"""Servers for tests: each on a port of its own, stopped afterwards, with no error left unseen."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, Protocol

import pytest

from tests.server.support import StubHandler, Wire
from workbench.server import Application, Handler, HookServer, ServerOptions, serve_handler
from workbench.server.loops import SWITCH
from workbench.testing import free_port


class Served:
    """A running server, its handler, and the errors that it reported."""

    def __init__(self, served: Application | Handler, options: ServerOptions) -> None:
        self.errors: list[tuple[BaseException, str]] = []
        self.handler = served
        application: Any = served if hasattr(served, "connect") else serve_handler(served)
        self.server = HookServer(application, options, "test", report=self._report)
        self.wires: list[Wire] = []

    def _report(self, error: BaseException, what: str) -> None:
        self.errors.append((error, what))

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.port or 0

    @property
    def ws_url(self) -> str:
        """Where WebSocket clients find it."""
        return f"ws://127.0.0.1:{self.port}"

    def wire(self) -> Wire:
        """Connect by hand; the connection is closed after the test."""
        wire = Wire(self.port)
        self.wires.append(wire)
        return wire

    def reported(self) -> list[str]:
        """Give and forget the reported errors, as texts."""
        errors, self.errors = self.errors, []
        return [f"{what}: {error!r}" for error, what in errors]


class Serve(Protocol):
    """Starts a server."""

    def __call__(self, served: Any = None, **options: Any) -> Served:
        """Start; without arguments it serves a `StubHandler`."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a function that starts servers."""
    running: list[Served] = []

    def start(served: Any = None, **options: Any) -> Served:
        options.setdefault("port", free_port())
        one = Served(served if served is not None else StubHandler(), ServerOptions(**options))
        one.server.start()
        running.append(one)
        return one

    yield start
    for one in running:
        for wire in one.wires:
            wire.socket.close()
        one.server.stop()
        assert not one.errors, one.reported()


LOOPS = ["asyncio", *(["uvloop"] if find_spec("uvloop") is not None else [])]


@pytest.fixture(params=LOOPS)
def either_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test once on each loop that servers may run on; gives its name."""
    monkeypatch.setenv(SWITCH, request.param)
    return str(request.param)
