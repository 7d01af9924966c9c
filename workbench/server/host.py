"""What the connections of one server share."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from workbench.server.heads import KnownRequests
from workbench.server.links import Application
from workbench.server.options import ServerOptions
from workbench.server.outbox import Outbox
from workbench.server.policy import Policy
from workbench.server.relay import Relay

__all__ = ["FINISH", "Host", "Hosted", "Stoppable", "log_error", "next_id"]

_log = logging.getLogger("workbench.server")
next_id = itertools.count(1).__next__

FINISH = 6.0
"""Seconds for what an application has to put away when its server ends."""


def log_error(error: BaseException, what: str) -> None:
    """Report an error that nobody handled to the log `workbench.server`."""
    _log.error("%s raised %s: %s", what, type(error).__name__, error, exc_info=error)


class Hosted:
    """A connection of a server: what all transports give their links in the same way."""

    host: Host

    def launch(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in a task, from the loop's next turn on."""
        self.host.relay.begin(work)

    def report(self, error: BaseException, what: str) -> None:
        """Hand an error that nobody handled to the server's reporter."""
        self.host.report(error, what)


class Stoppable(Protocol):
    """A WebSocket that can be asked to end."""

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake."""

    def terminate(self) -> None:
        """Drop the connection."""


@dataclass
class Host:
    """Application, rules and live WebSockets of one server.

    `report(error, what)` is called with every error of a link or handler that nobody handled; it must not
    raise.
    """

    application: Application
    options: ServerOptions
    report: Callable[[BaseException, str], None] = log_error
    websockets: set[Stoppable] = field(default_factory=set)
    handed_over: set[asyncio.Transport] = field(default_factory=set)
    stopping: bool = False
    policy: Policy = field(init=False)
    known: KnownRequests = field(init=False, default_factory=KnownRequests)
    outbox: Outbox = field(init=False, default_factory=Outbox)
    relay: Relay = field(init=False, default_factory=Relay)

    def __post_init__(self) -> None:
        self.policy = Policy(self.options)

    def let_go(self, transport: asyncio.Transport) -> None:
        """Remember a connection that is not the server's any more, until it ends or the server does."""
        self.handed_over = {one for one in self.handed_over if not one.is_closing()}
        self.handed_over.add(transport)

    async def finish(self, ended: Callable[[], object]) -> None:
        """Let the application put away what it has, within its time: what it returns may be awaited."""
        try:
            rest = ended()
            if isinstance(rest, Awaitable):
                await asyncio.wait_for(rest, FINISH)
        except Exception as error:  # noqa: BLE001  # the server ends all the same
            self.report(error, "stop")
