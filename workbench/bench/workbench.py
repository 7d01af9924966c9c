"""The workbench: board, trace, server and mounted dialects as the one object that people hold."""

from __future__ import annotations

__all__ = ["Workbench", "benches"]

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from workbench import dialects
from workbench.bench import mounts
from workbench.bench.cells import origin_of, running_cell, running_shell, user_namespace
from workbench.bench.chain import Chain
from workbench.bench.crowd import traffic_of
from workbench.bench.history import Remembering
from workbench.bench.interventions import interventions_of
from workbench.bench.keeping import Drafts
from workbench.bench.mounted import MountView
from workbench.bench.mounts import BenchApplication, Hosting, Mount, Router, clean_path
from workbench.bench.panel import Panels, show_as_panels
from workbench.bench.registry import benches
from workbench.bench.save import Saving
from workbench.bench.service import Service, State
from workbench.bench.settings import check_server_options, dialect_options, server_options
from workbench.bench.status import Status
from workbench.bench.waiting import wait_for
from workbench.client import Console
from workbench.client.traffic import Traffic
from workbench.engine.board import Board
from workbench.engine.errors import WorkbenchError
from workbench.engine.hooks import Hook
from workbench.engine.signatures import adapt
from workbench.interventions.ground import Breakpoints, Faults, Interventions
from workbench.naming import assigned_name, caller_outside, name_in_namespace
from workbench.server.errors import NotRunning
from workbench.server.links import Handshake
from workbench.server.messages import Request
from workbench.trace.connections import NO_CONNECTION
from workbench.trace.failures import Failure
from workbench.trace.trace import Trace

T = TypeVar("T")
ErrorFunction = Callable[..., object]

_LOG = logging.getLogger("workbench.hooks")


class Workbench(MountView, Saving, Remembering, Panels):
    """A live hook server: attach, reorder and remove hooks while traffic flows, and see what each did.

    Every member may be used from any thread. Off the bench's loop, what sends or closes is posted there in
    order.

    Parameters
    ----------
    dialect
        The hook system to speak, such as ``crossws``.
    name
        None: the name of the variable that holds the bench, else ``crossws``, ``crossws-2`` ...
    options
        Options of the server (`workbench.server.ServerOptions`) and of the dialect.

    Attributes
    ----------
    board
        The hooks of all mounts, with the journal of edits.
    trace
        What happened, as DataFrames.
    console
        WebSocket clients to try things with.
    traffic
        Simulated clients, up to 500, from a process of their own.
    faults, breakpoints
        What may be made to go wrong, and where events are held.
    drafts
        What was written in editors and not applied.
    token
        Of the command channel; kept out of URLs, outputs and widget state.
    serving
        The server's life; `start` and `stop` are its doors.
    space
        The variables of the notebook or module that made it.

    Raises
    ------
    UnknownDialect, UnknownOption
        With the names that are near.

    Examples
    --------
    >>> bench = Workbench("crossws")
    >>> @bench.hook("message")
    ... def echo(peer, message):
    ...     peer.send(message.text())
    >>> bench.chain("message")
    <chain message: echo; ...>
    """

    def __init__(self, dialect: str = "crossws", name: str | None = None, **options: Any) -> None:
        spoken_here = dialects.load(dialect)
        own = dialect_options(spoken_here, options)
        if name is not None and (not isinstance(name, str) or len(name.splitlines()) > 1):
            raise WorkbenchError(f'The name of a bench is a line of text such as "chat", not {name!r}')
        caller = caller_outside()
        put = self.__dict__.__setitem__  # members are fixed: `__setattr__` knows the dialect's only
        put("_variable", assigned_name(caller.frame))
        put("space", caller.frame.f_globals)
        put("_name", name or self._variable)
        put("token", secrets.token_urlsafe(32))
        put("board", Board(spoken_here.points, spoken=self._variable or "bench", whence=origin_of))
        put("drafts", Drafts(self.board))
        put("trace", Trace(self.board, name=self._name or dialect, dialect_of=self._dialect_of))
        put("hosting", Hosting(lambda: mounts.start_all(self._mounts_by_length)))
        put("_on_error", None)
        put("error_function", None)
        put("interventions", interventions_of(self))
        put("faults", self.interventions.faults)
        put("breakpoints", self.interventions.breakpoints)
        put("_mounts", {})
        put("_mounts_by_length", ())
        self.board.report = self._contained
        wires = self.interventions.wires
        router = Router(lambda: self._mounts_by_length, Status(self), self._accept_channel, self.token, wires)
        put("_application", BenchApplication(router, self.hosting))
        put("serving", Service(self, self._application, server_options(spoken_here, options)))
        put(
            "console",
            Console(lambda: self.serving.server, lambda: self.ws_url or "", self.serving.client_headers),
        )
        put("traffic", traffic_of(self, self.serving.client_headers))
        show_as_panels(self)
        _track_cell(self.board)
        put("_mount", self._add_mount(Mount(self, "/", spoken_here, own)))
        benches.add(self)  # last: one that could not be made is none, while its error is kept

    token: str
    board: Board
    drafts: Drafts
    trace: Trace
    console: Console
    traffic: Traffic
    hosting: Hosting
    serving: Service
    interventions: Interventions
    faults: Faults
    breakpoints: Breakpoints
    _name: str | None
    _variable: str | None
    space: dict[str, Any]
    error_function: ErrorFunction | None
    _on_error: Callable[[BaseException, Failure], object] | None
    _mounts: dict[str, Mount]
    _mounts_by_length: tuple[Mount, ...]
    _application: BenchApplication

    # -- names

    @property
    def name(self) -> str:
        """What people call the bench; settled at first use where neither they nor the source say."""
        if self._name is None:
            self.__dict__["_name"] = self.trace.name = self._settle_variable() or self._numbered_name()
        return self._name or ""

    @property
    def id(self) -> str:
        """``<kernel id>.<slug of the name>``, under which Jupyter knows the bench; empty outside a kernel."""
        return self.serving.id

    def _settle_variable(self) -> str | None:
        """Look for the variable that holds the bench, so that printed Python lines run as they stand."""
        if self._variable is None:
            found = name_in_namespace(self, self.space) or name_in_namespace(self, user_namespace())
            if found is not None:
                self.__dict__["_variable"] = self.board.spoken = found
        return self._variable

    def _numbered_name(self) -> str:
        taken = {bench._name for bench in benches.all()}  # noqa: SLF001 - as they stand
        number = 1
        while (name := self.dialect if number == 1 else f"{self.dialect}-{number}") in taken:
            number += 1
        if self._variable is None:
            self.board.spoken = f'benches["{name}"]'
        return name

    # -- server

    def start(
        self,
        *,
        host: str | None = None,
        port: int | None = None,
        token: str | bool | None = None,
        **options: Any,
    ) -> Workbench:
        """Start the server, in a thread of its own; returns when it listens.

        A bench of the same name that runs in this process is stopped, and its port taken over. One that runs
        already as it is told to is left as it is.

        Parameters
        ----------
        host
            Address to listen on; None: as before, at first 127.0.0.1.
        port
            None: as before, at first any that is free; 0: any that is free.
        token
            True: every client must show a token; prints a link to copy. A text is the token itself.
        options
            Further server options, for this run and the next ones.

        Returns
        -------
        Workbench
            The bench itself.

        Raises
        ------
        PortInUse
            Says who holds the port.
        """
        given = {"host": host, "port": port, "token": token, **options}
        check_server_options(options)
        self.serving.start({key: value for key, value in given.items() if value is not None})
        if token is True:
            print(f"Clients need the token: {self.url}/?token={self.serving.options.token}")  # noqa: T201
        return self

    def stop(self) -> None:
        """Close clients with 1001 and free the port; nothing happens when the bench is stopped already."""
        self.serving.stop()

    def restart(self, **changes: Any) -> Workbench:
        """Stop and start again, on the same port unless told otherwise; see `start`.

        Raises
        ------
        WorkbenchError
            In a hook on the bench's own loop: the port is free only when the hook has returned.
        """
        server = self.serving.server
        if server is not None and _on_loop(server.loop):
            raise WorkbenchError(
                "A hook cannot restart the server that runs it; call bench.restart() in a cell, "
                "or from the hook by threading.Thread(target=bench.restart).start()."
            )
        port = self.port
        self.stop()
        if port is not None:
            changes.setdefault("port", port)
        return self.start(**changes)

    @property
    def running(self) -> bool:
        """Whether the server listens."""
        return self.serving.server is not None

    @property
    def state(self) -> tuple[State, str]:
        """``stopped``, ``ready``, ``live`` or ``failed``, and the reason in words."""
        return self.serving.state

    @property
    def url(self) -> str | None:
        """Where HTTP clients on this machine find the server; None when it is stopped."""
        server = self.serving.server
        return server.url if server is not None else None

    @property
    def ws_url(self) -> str | None:
        """Where WebSocket clients on this machine find the server; None when stopped."""
        server = self.serving.server
        return server.ws_url if server is not None else None

    @property
    def host(self) -> str:
        """The address to connect to; where the server is stopped, the one it would listen on."""
        return urlsplit(self.url or "").hostname or self.serving.options.host

    @property
    def port(self) -> int | None:
        """The port that the server listens on; None when stopped."""
        server = self.serving.server
        return server.port if server is not None else None

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run a coroutine on the bench's loop and wait for its result, in code that is not asynchronous.

        Parameters
        ----------
        coroutine
            What to run.
        timeout
            Seconds to wait at most; None waits for ever.

        Raises
        ------
        NotRunning
            When the bench is stopped.
        WorkbenchError
            On the bench's own loop, which would wait for itself: use ``await`` there.
        TimeoutError
            When it takes longer; it is cancelled then.
        """
        if not asyncio.iscoroutine(coroutine):
            raise TypeError(
                f"bench.run takes a coroutine, as an async function gives it when called, not {coroutine!r}"
            )
        server = self.serving.server
        if server is None:
            coroutine.close()
            raise NotRunning(f"The bench {self.name!r} is stopped; start it first.")
        if _on_loop(server.loop):
            coroutine.close()
            raise WorkbenchError("A hook cannot wait for its own loop by bench.run(...); use await instead.")
        return wait_for(server, coroutine, timeout)

    @property
    def asgi(self) -> Any:
        """The bench as a plain ASGI application; warns, by name, of what it needs and ASGI has not."""
        from workbench.server.asgi import asgi_application

        needs: frozenset[str] = frozenset().union(*(mount.app.needs for mount in self._mounts_by_length))
        report = self.serving.report
        return asgi_application(
            self._application,
            self.serving.options,
            needs=needs,
            report=report,
            ended=self.stop_applications,
        )

    def stop_applications(self) -> Awaitable[object] | None:
        """Let the dialects let go of what still runs, on the loop; what they have yet to finish."""
        if not self.hosting.off():  # served anew by now: what runs is of that run
            return None
        pending = [work for mount in self._mounts_by_length if (work := mount.app.stop()) is not None]
        return asyncio.gather(*pending) if pending else None

    def _accept_channel(self, request: Request, handshake: Handshake) -> None:
        from workbench.widgets import accept_channel

        accept_channel(self, request, handshake)

    # -- hooks

    @property
    def revision(self) -> int:
        """The number of the board after its last edit."""
        return self.board.revision

    def chain(self, point: str) -> Chain:
        """Give the chain of a hook point, to read and to change; see `MountView.chain`.

        Those of a mount have its path in front: ``/api:messages.create``.
        """
        self._settle_variable()
        path, _, name = point.partition(":") if isinstance(point, str) else ("", "", "")
        mount = self._mounts.get(path)
        return super().chain(point) if mount is None else MountView(mount).chain(name)

    @property
    def mounts(self) -> Mapping[str, Mount]:
        """The mounts by path; ``/`` is the bench's own dialect."""
        return MappingProxyType(self._mounts)

    def mount(self, path: str, dialect: str, **options: Any) -> MountView:
        """Mount one more application; it shares board, trace and port.

        Parameters
        ----------
        path
            Such as ``/chat``; requests at and below it go there, with their whole path.
        dialect
            The hook system spoken there.
        options
            The dialect's own options.

        Returns
        -------
        MountView
            With ``chain``, ``hook`` and the dialect's own members.

        Raises
        ------
        WorkbenchError
            When the path is taken or belongs to the bench.
        """
        path = clean_path(path)
        if path in self._mounts or path.startswith("/_workbench"):
            raise WorkbenchError(f"The path {path!r} is taken; mount at another one.")
        loaded = dialects.load(dialect)
        own = dialect_options(loaded, options, alone=True)
        self.board.add_points(mounts.mounted_point(path, point) for point in loaded.points)
        mount = Mount(self, path, loaded, own)
        return MountView(self._add_mount(mount))

    def _add_mount(self, mount: Mount) -> Mount:
        self._mounts[mount.path] = mount
        longest_first = sorted(self._mounts.values(), key=lambda known: -len(known.path))
        self.__dict__["_mounts_by_length"] = tuple(longest_first)
        return mount

    def _dialect_of(self, key: str) -> str:
        path = key.rpartition(":")[0] if key.startswith("/") else "/"
        mount = self._mounts.get(path) or self._mounts["/"]
        return mount.dialect.name

    # -- errors

    def on_error(self, function: ErrorFunction) -> ErrorFunction:
        """Have a function called with every error that no hook and no policy took care of.

        It takes the place of the log, where such errors go otherwise; the trace has them in any case.

        Parameters
        ----------
        function
            Called with the error and, if it takes two arguments, a record of where it was raised (``point``,
            ``hook``, ``connection``, ``dispatch``, ``traceback``).

        Returns
        -------
        callable
            The function, so that this can be a decorator.
        """
        self.__dict__["_on_error"] = adapt(function, "on_error", "on_error", ("error", "failure"))
        self.__dict__["error_function"] = function
        return function

    def take_failure(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Note an error that escaped and tell whoever wants to know; never raises."""
        failure = self.trace.add_error(error, point=point, connection=connection, hook=hook)
        if self._on_error is None:
            if running_shell() is None:  # in a notebook it would show up under whichever cell ran last
                _LOG.error("%s at %s\n%s", failure.error, point or "the server", failure.traceback)
            return
        try:
            self._on_error(error, failure)
        except Exception as second:  # noqa: BLE001 - whatever a user's function raises
            _LOG.exception("on_error itself failed")
            self.trace.add_error(second, point="on_error")

    def _contained(self, error: BaseException, hook: Hook, connection: int) -> None:
        self.take_failure(error, point=hook.point, connection=connection, hook=hook.name)

    # -- how it shows itself

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state, reason = self.state
        return f"<bench {self.name} ({self.dialect}): {state}; {reason}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show the live widget, or where there is none the picture and a line of text."""
        del include, exclude
        try:
            from workbench.widgets import mimebundle
        except ImportError:  # a server without the notebook parts
            return {"text/plain": repr(self)}
        return mimebundle(self)


def _on_loop(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _track_cell(board: Board) -> None:
    """A board made by a running cell belongs to that run from its first hook on."""
    if running_cell() is not None:
        from workbench.ipython import track

        track(board)
