"""The ground of an application without a bench: hooks of its own, nothing traced, nothing served."""

from __future__ import annotations

__all__ = ["Alone"]

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from workbench.dialects.feathers.points import POINTS
from workbench.engine.board import Board
from workbench.engine.views import ConnectionPlans
from workbench.server.errors import NotRunning
from workbench.trace.connections import NO_CONNECTION, Connections
from workbench.trace.recorder import Recorder

_log = logging.getLogger(__name__)


class Alone:
    """What `workbench.dialects.base.Mount` asks for, without a bench."""

    path = "/"
    name = "feathers"
    port: int | None = None

    def __init__(self) -> None:
        self.board = Board(POINTS)
        self.recorder = Recorder()
        self.recorder.recording = False
        self.connections = Connections()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """There is none: calls run where they are awaited."""
        raise NotRunning("This application is on no bench.")

    def serve(self, port: int | None = None) -> Any:
        """Refuse: there is no server to start."""
        raise NotRunning(f"This application is on no bench, so nothing listens on {port or 'any port'}.")

    def key(self, point: str) -> str:
        """Give a point's own name."""
        return point

    def author(self) -> str:
        """Say who edits."""
        return "api"

    def plans_for(self, connection: int) -> ConnectionPlans:
        """Give the plans as one connection sees them."""
        return self.board.plans_for(connection)

    def sink(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Log an error that nobody handled."""
        _log.error("%s %s", point or "feathers", hook, exc_info=error, extra={"connection": connection})

    def note(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Log an error that the system swallows, for those who look for it."""
        _log.debug("%s %s", point or "feathers", hook, exc_info=error, extra={"connection": connection})

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function."""
        function(*args)
