"""What a dialect gives the bench, and what the bench gives a dialect."""

from __future__ import annotations

__all__ = ["Dialect", "DialectApp", "HandlerApp", "Mount", "Parting", "Ready", "StagedApp", "Startable"]

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.engine.views import ConnectionPlans
from workbench.server.links import Application, Handler
from workbench.trace.connections import NO_CONNECTION, Connections
from workbench.trace.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready-made hook of the palette.

    Attributes
    ----------
    name
        What the hook is called when it is attached.
    point
        The point that it is made for, by the system's own name.
    function
        The hook itself.
    doc
        One line that says what it does.
    lane
        The lane of the point that it is made for, where lanes have a meaning.

    """

    name: str
    point: str
    function: Callable[..., Any]
    doc: str
    lane: str = ""


class Mount(Protocol):
    """A place of the bench at which a dialect's application is mounted; the bench makes it."""

    @property
    def path(self) -> str:
        """Where it is mounted, "/" for the bench's own dialect."""

    @property
    def name(self) -> str:
        """The bench's name."""

    @property
    def port(self) -> int | None:
        """The port of the bench's own server; None where none listens."""

    def serve(self, port: int | None = None) -> Any:
        """Start the bench's server, on a port or as before, and give the bench; not on its own loop."""

    @property
    def board(self) -> Board:
        """The board of the bench, which all mounts share."""

    @property
    def recorder(self) -> Recorder:
        """Where dispatches are recorded."""

    @property
    def connections(self) -> Connections:
        """The register of connections."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the running server."""

    def key(self, point: str) -> str:
        """Give the name under which the board knows a point of this mount."""

    def author(self) -> str:
        """Say who edits, for the journal: ``cell`` while a cell runs, else ``api``."""

    def plans_for(self, connection: int) -> ConnectionPlans:
        """Give the plans as one connection sees them."""

    def sink(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Take an error that nobody handled; it is shown in the trace and given to `bench.on_error`."""

    def note(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Put an error that the system swallows into the trace, and nowhere else."""

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop: at once when on it, otherwise in the order of the calls."""


class DialectApp(Protocol):
    """One mounted application of a dialect; either a `HandlerApp` or a `StagedApp`."""

    @property
    def public(self) -> frozenset[str]:
        """Names of the members that the bench shows as its own (`bench.publish` ...)."""

    @property
    def needs(self) -> frozenset[str]:
        """Names of the transport capabilities that it uses as it stands; see `server.capabilities`."""

    @property
    def socket_path(self) -> str | None:
        """Path, and query, at which a client that speaks plain WebSocket is let in; None where none is."""

    def example(self, bench: str) -> str:
        """Give a cell with a first hook, for an event that clients of this application cause.

        Parameters
        ----------
        bench
            The variable that holds the bench.

        """

    def commands(self, url: str, ws_url: str, *, token: bool = False) -> list[tuple[str, str]]:
        """Give label and text of commands that a person can paste elsewhere to talk to this application.

        Parameters
        ----------
        url, ws_url
            Where it is.
        token
            Whether clients need one: the commands have the word TOKEN in its place, never the token itself.

        """

    def stop(self) -> Awaitable[None] | None:
        """Let go of what still runs; called on the loop when the server stops.

        What takes time (stores, closing hooks) is an awaitable; the server waits for it for a few seconds.
        """


class HandlerApp(DialectApp, Handler, Protocol):
    """One that answers whole requests, and requests for a WebSocket."""


class StagedApp(DialectApp, Application, Protocol):
    """One that takes each connection itself, stage by stage (Wookie).

    At ``/`` it is given every connection of the bench before anything is read; elsewhere those on which a
    request for it comes, and then that request first.
    """


@runtime_checkable
class Startable(Protocol):
    """An application that has something to do when its bench begins to be served."""

    def start(self) -> None:
        """Begin; called on the loop, before or while the first clients come."""


@runtime_checkable
class Parting(Protocol):
    """An application that may have something to say when its bench has stopped."""

    def farewell(self) -> str:
        """Say it in a sentence or two; empty for nothing."""


class Dialect(Protocol):
    """One of the hook systems that the workbench speaks."""

    @property
    def name(self) -> str:
        """What `Workbench(...)` takes, in lower case."""

    @property
    def points(self) -> tuple[Point, ...]:
        """Its hook points, in the order in which people meet them."""

    @property
    def open_names(self) -> bool:
        """Whether hooks may be attached at names that are not among the points (Directus's events)."""

    @property
    def ready(self) -> tuple[Ready, ...]:
        """Its ready-made hooks; the first three are offered to newcomers."""

    @property
    def options(self) -> Mapping[str, str]:
        """Its own options, each with one line of doc; they win over server options of the same name."""

    def application(self, mount: Mount, options: dict[str, Any]) -> HandlerApp | StagedApp:
        """Make the application of a mount.

        Parameters
        ----------
        mount
            Where it lives.
        options
            Values for some of `options`.

        """
