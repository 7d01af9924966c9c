"""The application: what `Workbench("crossws")` serves, and what it offers beside the hooks."""

from __future__ import annotations

__all__ = ["OPTIONS", "CrosswsApp"]

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from workbench.dialects.base import Mount
from workbench.dialects.crossws.answers import deflate_options
from workbench.dialects.crossws.definitions import LiveHooks, attach_all
from workbench.dialects.crossws.link import UpgradeRequest
from workbench.dialects.crossws.namespaces import Namespaces, PeerSet
from workbench.dialects.crossws.payloads import payload
from workbench.dialects.crossws.points import POINTS
from workbench.dialects.crossws.routes import Routes, fitted
from workbench.dialects.crossws.upgrade import Negotiation
from workbench.engine.errors import WorkbenchError
from workbench.server.errors import InvalidOption
from workbench.server.links import Handshake
from workbench.server.messages import Request, Response
from workbench.server.options import DeflateOptions

_F = TypeVar("_F", bound=Callable[..., Any])

OPTIONS: Mapping[str, str] = {
    "hooks": "hooks to begin with: a mapping, or an object with methods, named like the points",
    "resolve": "function(request) that supplies hooks for one connection, asked once at its upgrade",
    "get_namespace": "function(request) that names the namespace instead of the URL's path",
    "handle_protocols": "function(offered, request) that picks one of the subprotocols that a client offered",
    "fetch": "function(request) that answers plain HTTP",
    "serialize": "True: a peer's next event waits until the hooks of the one before have ended",
    "max_payload": "bytes of the largest message; larger ones end the connection with 1009",
    "idle_timeout": "seconds: peers silent for two of these are dropped; 0 or None for never",
    "per_message_deflate": "compression of all connections: True, False or options",
}


_NEEDS = {"error": "failures", "drain": "drain", "ping": "ping-pong", "pong": "ping-pong"}
"""The transport capability without which a point never fires."""


class CrosswsApp:
    """One crossws server.

    Attributes
    ----------
    mount
        Where it lives on the bench.
    namespaces
        Who is connected.
    keys
        What the board calls each point here.
    serialize
        Whether the events of one peer wait for one another.
    resolving
        What supplies hooks per connection, as it was given; `resolver` is the same, fitted.
    routes
        What answers plain HTTP.

    """

    public = frozenset(
        {
            "close",
            "close_all",
            "define_hooks",
            "delete",
            "fetch",
            "get",
            "head",
            "patch",
            "peers",
            "post",
            "publish",
            "put",
            "resolve",
        }
    )

    def __init__(self, mount: Mount, options: Mapping[str, Any]) -> None:
        self.mount = mount
        self.namespaces = Namespaces()
        self.keys = {point.name: mount.key(point.name) for point in POINTS}
        self.serialize = bool(options.get("serialize", False))
        self.resolving = options.get("resolve")
        self.resolver = _fit(options, "resolve")
        self.get_namespace = _fit(options, "get_namespace")
        self.handle_protocols = _fit(options, "handle_protocols", ("offered", "request"))
        self.deflate: bool | DeflateOptions | None = deflate_options(options.get("per_message_deflate"))
        self.limits = _limits(options)
        self.routes = Routes(lambda error: mount.sink(error, point="fetch"))
        self.routes.set_fetch(options.get("fetch"))
        self._tasks: set[asyncio.Task[None]] = set()
        if options.get("hooks") is not None:
            self.define_hooks(options["hooks"])

    # What the server asks ------------------------------------------------------------------------

    def request(self, request: Request) -> Response | Awaitable[Response]:
        """Answer plain HTTP: a route, else `fetch`, else 404."""
        return self.routes.answer(request)

    def upgrade(self, request: Request, handshake: Handshake) -> Awaitable[None]:
        """Let the `upgrade` hooks answer a request for a WebSocket."""
        asked = UpgradeRequest(request, handshake, self.mount.recorder.touch)
        return Negotiation(self, asked, handshake).run()

    @property
    def needs(self) -> frozenset[str]:
        """What it uses of a transport beyond messages, as its hooks and options stand now."""
        state = self.mount.board.state
        used = {
            need
            for point, need in _NEEDS.items()
            if any(row.hook.enabled for row in state.of(self.keys[point]))
        }
        if self.deflate:
            used.add("deflate")
        if self.limits.get("idle_timeout"):
            used.add("idle-timeout")
        return frozenset(used)

    @property
    def socket_path(self) -> str:
        """Where clients connect: every path is a door."""
        return self.mount.path

    def example(self, bench: str) -> str:
        """Give a cell with a first hook, which prints each message; `bench` is the variable to use."""
        return (
            f'@{bench}.hook("{self.keys["message"]}")\ndef watch(peer, message):\n    print(message.text())'
        )

    def commands(self, url: str, ws_url: str, *, token: bool = False) -> list[tuple[str, str]]:
        """Give commands that talk to this application from a terminal or another program.

        Parameters
        ----------
        url, ws_url
            Where it is.
        token
            Whether clients need one: the commands have the word TOKEN in its place.

        """
        header = ' -H "Authorization: Bearer TOKEN"' if token else ""
        headers = ', additional_headers={"Authorization": "Bearer TOKEN"}' if token else ""
        python = f'async with connect("{ws_url}"{headers}) as ws:\n    await ws.send("hello")'
        return [
            ("wscat", f"wscat{header} -c {ws_url}"),
            ("curl", f"curl -i{header} {url}"),
            ("Python", python),
        ]

    def stop(self) -> None:
        """Cancel the hooks that are still running."""
        for task in list(self._tasks):
            task.cancel()

    # What the bench shows ------------------------------------------------------------------------

    @property
    def peers(self) -> Mapping[str, PeerSet]:
        """The open peers: a live mapping from namespace to set. Namespaces that became empty stay."""
        return self.namespaces.peers

    def publish(self, topic: str, data: Any, *, namespace: str | None = None, compress: bool = True) -> None:
        """Send a message to all that subscribe to a topic (R45).

        Parameters
        ----------
        topic
            An empty one reaches nobody.
        data
            As for `peer.send`.
        namespace
            Only there; None: everywhere. An unknown one reaches nobody.
        compress
            False sends uncompressed.

        """
        self.mount.post(self.namespaces.broadcast, topic, payload(data), namespace, compress)

    def close_all(self, code: int | None = None, reason: str = "", *, force: bool = False) -> None:
        """Close every peer (R49).

        Parameters
        ----------
        code, reason
            As for `peer.close`.
        force
            True: drop the connections instead, 1006 on both sides.

        Raises
        ------
        InvalidClose
            For a code or reason that the protocol forbids.

        """
        for peer in self.namespaces.everybody():
            if force:
                peer.terminate()
            else:
                peer.close(code, reason)

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Close every peer; the server goes on."""
        self.close_all(code, reason)

    def define_hooks(self, hooks: object = None, /, **functions: Callable[..., Any]) -> LiveHooks:
        """Attach hooks after those that are there.

        Parameters
        ----------
        hooks
            A mapping, or an object with methods, named like the points.
        **functions
            The same by name: `define_hooks(message=echo)`.

        Returns
        -------
        LiveHooks
            The hooks just attached; assigning or deleting a member takes effect at the next event (R23).

        """
        return attach_all(self.mount, hooks, functions)

    @property
    def resolve(self) -> Any:
        """What supplies hooks per connection; assign a function, or use `@bench.resolve`."""
        return self._set_resolver

    @resolve.setter
    def resolve(self, function: Callable[[UpgradeRequest], Any] | None) -> None:
        self.resolver = _fit({"resolve": function}, "resolve")
        self.resolving = function

    def _set_resolver(self, function: _F) -> _F:
        self.resolve = function
        return function

    @property
    def fetch(self) -> Any:
        """What answers plain HTTP that no route takes; assign a function, or use `@bench.fetch`."""
        return self._set_fetch

    @fetch.setter
    def fetch(self, function: Callable[[Request], Any] | None) -> None:
        self.routes.set_fetch(function)

    def _set_fetch(self, function: _F) -> _F:
        self.fetch = function
        return function

    def route(self, method: str, path: str) -> Callable[[_F], _F]:
        """Make a decorator that answers requests of one method and exact path with a function."""
        if not isinstance(path, str) or not path.startswith("/"):
            raise WorkbenchError(
                f'A path that begins with a slash is expected, as in @bench.get("/health"), not {path!r}'
            )

        def add(function: _F) -> _F:
            self.routes.add(method, path, function)
            return function

        return add

    def get(self, path: str) -> Callable[[_F], _F]:
        """Answer GET requests of a path: `@bench.get("/health")`."""
        return self.route("GET", path)

    def head(self, path: str) -> Callable[[_F], _F]:
        """Answer HEAD requests of a path; without it the function for GET does."""
        return self.route("HEAD", path)

    def post(self, path: str) -> Callable[[_F], _F]:
        """Answer POST requests of a path."""
        return self.route("POST", path)

    def put(self, path: str) -> Callable[[_F], _F]:
        """Answer PUT requests of a path."""
        return self.route("PUT", path)

    def patch(self, path: str) -> Callable[[_F], _F]:
        """Answer PATCH requests of a path."""
        return self.route("PATCH", path)

    def delete(self, path: str) -> Callable[[_F], _F]:
        """Answer DELETE requests of a path."""
        return self.route("DELETE", path)

    # What links use ------------------------------------------------------------------------------

    def escaped(self, error: BaseException, point: str, connection: int) -> None:
        """Hand over an error that crossws would let escape; the connection lives on (R29, R30, R32)."""
        self.mount.sink(error, point=self.keys[point], connection=connection)

    def run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something beside everything else, until it ends or the server stops."""
        task = self.mount.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _fit(
    options: Mapping[str, Any], name: str, parameters: tuple[str, ...] = ("request",)
) -> Callable[..., Any] | None:
    function = options.get(name)
    return None if function is None else fitted(function, name, parameters)


def _limits(options: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a handshake is told beside the server's own options; crossws's 0 seconds mean never."""
    limits: dict[str, Any] = {}
    for name in ("max_payload", "idle_timeout"):
        value = options.get(name)
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
        if value is not None and not number:
            raise InvalidOption(f"{name} is a number from 0 on, or None, not {value!r}.")
    if options.get("max_payload") is not None:
        limits["max_message"] = options["max_payload"]
    if "idle_timeout" in options:
        limits["idle_timeout"] = options["idle_timeout"] or None
    return limits
