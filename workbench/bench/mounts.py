"""Mounts and the router: which application of a bench answers a request, and what an application is given.

The bench's own paths come first (``/_workbench/``: the command channel, and the status that Jupyter's list
asks for), then the mount with the longest path that holds the request's. Paths are passed on whole: an
application mounted at ``/chat`` sees ``/chat/room``, as it would behind a server of its own.
"""

from __future__ import annotations

__all__ = [
    "OWN_PATHS",
    "BenchApplication",
    "Ground",
    "Hosting",
    "Mount",
    "Router",
    "clean_path",
    "mount_key",
    "mounted_point",
    "start_all",
]

import asyncio
import hmac
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from workbench.bench import cells
from workbench.bench.sharing import SharedLink
from workbench.bench.trial import Trial, rehearse
from workbench.dialects.base import Dialect, DialectApp, Startable
from workbench.engine.board import Board
from workbench.engine.errors import WorkbenchError
from workbench.engine.hooks import Hook
from workbench.engine.points import Point
from workbench.engine.rehearsal import refuse, rehearsing
from workbench.engine.views import ConnectionPlans
from workbench.interventions.wires import WatchedHandshake, Wires
from workbench.server.errors import NotRunning
from workbench.server.links import Application, Handler, Handshake, HttpLink, HttpTransport
from workbench.server.messages import Request, Response
from workbench.server.options import CHANNEL_PATH
from workbench.server.policy import bearer
from workbench.server.requests import serve_handler
from workbench.trace.connections import NO_CONNECTION, Connections
from workbench.trace.recorder import Recorder
from workbench.trace.trace import Trace

OWN_PATHS = "/_workbench/"
STATUS_PATH = OWN_PATHS + "status"


class Ground(Protocol):
    """What mounts share: the part of a bench that they stand on."""

    board: Board
    trace: Trace
    hosting: Hosting

    @property
    def name(self) -> str:
        """The bench's name."""

    @property
    def port(self) -> int | None:
        """The port that its server listens on; None when stopped."""

    def start(self, *, port: int | None = None) -> Any:
        """Start the server; the bench itself."""

    def take_failure(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Take an error that nobody handled."""


class Hosting:
    """The loop that a bench's applications run on, whoever runs it: our server, an ASGI host or a test.

    Parameters
    ----------
    begin
        Called on each loop once it serves.
    """

    def __init__(self, begin: Callable[[], object]) -> None:
        self._begin = begin
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changing = threading.Lock()  # one server may begin while another's loop ends

    def on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Note the loop; the server begins on it."""
        with self._changing:
            if self._loop is loop:  # a client was faster
                return
            self._loop = loop
        self.post(self._begin)

    def meet(self, loop: asyncio.AbstractEventLoop) -> None:
        """Note the loop that a connection came in on; refused while another serves, as peers share state."""
        if loop is self._loop:
            return
        if self._loop is not None and self._loop.is_running():
            raise WorkbenchError("This bench is served already, by another server; stop that one first.")
        self._loop = loop
        self._begin()

    def off(self) -> bool:
        """Forget the loop that calls this, which is about to end; False where it is not ours any more.

        A server that a hook stops ends after the hook, and the bench may run anew on another loop by then.
        """
        with self._changing:
            if self._loop is not _running_loop():
                return False
            self._loop = None
            return True

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop; raises `NotRunning` before there is one, and is out of reach for a draft being tried."""
        refuse("Work on the bench's loop")
        if self._loop is None:
            raise NotRunning("Nothing serves this bench; start it first, or serve its asgi.")
        return self._loop

    @property
    def running(self) -> asyncio.AbstractEventLoop | None:
        """The loop while it runs, else None."""
        loop = self._loop
        return loop if loop is not None and loop.is_running() else None

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop: at once when on it, else in order; dropped where there is no loop.

        Without a loop there are no connections, so what was to be sent or closed concerns nobody. What a
        draft that is only tried wants to be sent is not.
        """
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if _running_loop() is loop:
            function(*args)
            return
        if rehearsing():
            return
        try:
            loop.call_soon_threadsafe(function, *args)
        except RuntimeError:  # closed in between
            return


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Mount:
    """A place of the bench at which a dialect's application is mounted.

    Parameters
    ----------
    ground
        The bench.
    path
        ``/`` for the bench's own dialect, else such as ``/chat``.
    dialect
        The hook system spoken there.
    options
        The dialect's own options.

    Attributes
    ----------
    app
        The application.
    staged
        The application where it takes connections stage by stage, else None.
    handler
        The application where it answers whole requests, else None.
    """

    def __init__(self, ground: Ground, path: str, dialect: Dialect, options: dict[str, Any]) -> None:
        self._ground = ground
        self.path = path
        self.dialect = dialect
        self.options = dict(options)
        app: Any = dialect.application(self, options)
        self.app: DialectApp = app
        in_stages = hasattr(app, "connect")
        self.staged: Application | None = app if in_stages else None
        self.handler: Handler | None = None if in_stages else app

    @property
    def name(self) -> str:
        """The bench's name."""
        return self._ground.name

    @property
    def port(self) -> int | None:
        """The port of the bench's own server; None where none listens."""
        return self._ground.port

    def serve(self, port: int | None = None) -> Any:
        """Start the bench's server, on a port or as before, and give the bench; not on its own loop."""
        return self._ground.start(port=port)

    @property
    def board(self) -> Board:
        """The board of the bench, which all mounts share."""
        return self._ground.board

    @property
    def recorder(self) -> Recorder:
        """Where dispatches are recorded."""
        return self._ground.trace.recorder

    @property
    def connections(self) -> Connections:
        """The register of connections."""
        return self._ground.trace.registry

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that serves the bench; raises `NotRunning` where there is none."""
        return self._ground.hosting.loop

    def key(self, point: str) -> str:
        """Give the name under which the board knows a point of this mount."""
        return mount_key(self.path, point)

    def author(self) -> str:
        """Say who edits, for the journal: ``cell`` while a cell runs, else ``api``."""
        return cells.author()

    def plans_for(self, connection: int) -> ConnectionPlans:
        """Give the plans as one connection sees them."""
        return self.board.plans_for(connection)

    def sink(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Take an error that no hook and no policy took care of."""
        self._ground.take_failure(error, point=point, connection=connection, hook=hook)

    def note(
        self, error: BaseException, *, point: str = "", connection: int = NO_CONNECTION, hook: str = ""
    ) -> None:
        """Put an error that the system swallows into the trace, and nowhere else."""
        self._ground.trace.add_error(error, point=point, connection=connection, hook=hook)

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop: at once when on it, otherwise in the order of the calls."""
        self._ground.hosting.post(function, *args)

    def rehearse(self, hook: Hook, fresh: Hook) -> Trial:
        """Try the draft of a hook on recorded events."""
        trace, hosting = self._ground.trace, self._ground.hosting
        return rehearse(trace.snapshots, hosting, self.board.point(hook.point), hook, fresh)

    def holds(self, path: str) -> bool:
        """Whether a request's path lies in this mount."""
        return self.path in ("/", path) or path.startswith(self.path + "/")


def mount_key(path: str, point: str) -> str:
    """Give the board's key of a point: its own name in the bench's dialect, else with the path in front."""
    return point if path == "/" else f"{path}:{point}"


def mounted_point(path: str, point: Point) -> Point:
    """Make the point of a mount out of the dialect's: other key, same title, no alias to be taken by two."""
    return replace(point, name=mount_key(path, point.name), alias=None)


def start_all(mounts: Sequence[Mount]) -> None:
    """Let the applications begin that have something to do when their bench is served; on the loop."""
    for mount in mounts:
        if isinstance(mount.app, Startable):
            mount.app.start()


def clean_path(path: str) -> str:
    """Bring a mount's path into the form ``/a/b``: one slash in front, none behind."""
    if not isinstance(path, str):
        raise WorkbenchError(f'The path of a mount is a text such as "/chat", not {path!r}')
    return "/" + path.strip("/")


class Router:
    """Finds who answers a request; a `Handler` itself.

    Parameters
    ----------
    mounts
        Gives the mounts as they are now, the longest path first.
    status
        Gives the bench's state as JSON.
    channel
        Answers a WebSocket request for the command channel.
    token
        What ``/_workbench/status`` asks for, as a Bearer token.
    wires
        Is told of connections.
    """

    def __init__(
        self,
        mounts: Callable[[], Sequence[Mount]],
        status: Callable[[], dict[str, Any]],
        channel: Callable[[Request, Handshake], None],
        token: str,
        wires: Wires,
    ) -> None:
        self.wires = wires
        self._mounts = mounts
        self._status = status
        self._channel = channel
        self._token = token

    def request(self, request: Request) -> Response | Awaitable[Response]:
        """Answer a request."""
        path = request.path
        if path.startswith(OWN_PATHS):
            return self._own(path, request)
        mount = self._find(path)
        if mount is None or mount.handler is None:
            return _nothing_here(path)
        return mount.handler.request(request)

    def upgrade(self, request: Request, handshake: Handshake) -> Awaitable[None] | None:
        """Answer a request for a WebSocket."""
        path = request.path
        if path == CHANNEL_PATH:
            self._channel(request, handshake)
            return None
        mount = None if path.startswith(OWN_PATHS) else self._find(path)
        if mount is None or mount.handler is None:
            handshake.reject(_nothing_here(path))
            return None
        return mount.handler.upgrade(request, WatchedHandshake(handshake, self.wires))

    def _find(self, path: str) -> Mount | None:
        for mount in self._mounts():
            if mount.path == "/" or mount.holds(path):
                return mount
        return None

    def staged(self, path: str) -> Application | None:
        """Give the application that takes requests of a path stage by stage, if that is how it does."""
        mount = None if path.startswith(OWN_PATHS) else self._find(path)
        return None if mount is None else mount.staged

    @property
    def shared(self) -> bool:
        """Whether some application takes requests stage by stage."""
        return any(mount.staged is not None for mount in self._mounts())

    def _own(self, path: str, request: Request) -> Response:
        if path != STATUS_PATH:
            return _nothing_here(path)
        if request.method != "GET":
            return Response("The status is asked for with GET.\n", status=405, headers={"allow": "GET"})
        offered = bearer(request.headers)
        if offered is None or not hmac.compare_digest(offered.encode(), self._token.encode()):
            return Response(
                "The status asks for the bench's token.\n", status=401, headers={"www-authenticate": "Bearer"}
            )
        return Response.json(self._status(), headers={"cache-control": "no-store"})


def _nothing_here(path: str) -> Response:
    return Response(f"Nothing is mounted at {path}.\n", status=404)


class BenchApplication:
    """What the server serves: the router, which learns the loop from each connection.

    Parameters
    ----------
    router
        Answers whole requests.
    hosting
        Is told the loop.
    """

    def __init__(self, router: Router, hosting: Hosting) -> None:
        self._router = router
        self._inner: Application = serve_handler(router)
        self._hosting = hosting

    def connect(self, transport: HttpTransport) -> HttpLink:
        """Give the link of a new connection."""
        self._hosting.meet(transport.loop)
        return self._router.wires.requests(transport, self._connect(transport), self._connect)

    def _connect(self, transport: HttpTransport) -> HttpLink:
        if self._router.shared:
            return SharedLink(self._at, self._at("/"), transport)
        return self._inner.connect(transport)

    def _at(self, path: str) -> Application:
        return self._router.staged(path) or self._inner
