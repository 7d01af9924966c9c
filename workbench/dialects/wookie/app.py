"""The application: what `Workbench("wookie")` serves, and what it offers beside the hooks."""

from __future__ import annotations

__all__ = ["OPTIONS", "WookieApp"]

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from workbench.dialects.base import Mount
from workbench.dialects.wookie.link import WookieLink
from workbench.dialects.wookie.points import POINTS, point_for
from workbench.dialects.wookie.profiles import profile_of
from workbench.dialects.wookie.registration import Registration
from workbench.dialects.wookie.routes import Routes, with_vhost
from workbench.engine.hooks import HookFunction
from workbench.server.errors import InvalidOption
from workbench.server.links import HttpTransport

_F = TypeVar("_F", bound=Callable[..., Any])

OPTIONS: Mapping[str, str] = {
    "profile": 'which Wookie: "docs", what the manual promises; "head", as 0.3.15 answers failures',
    "max_body_size": "bytes of a stored body, beyond which the answer is 413; chunk routes take any",
}


class WookieApp:
    """One Wookie server.

    Attributes
    ----------
    mount
        Where it lives on the bench.
    profile
        Which generation it speaks.
    routes
        Which functions answer.
    keys
        What the board calls each point here.
    registration
        Edits of hooks in Wookie's own words.
    max_body_size
        Bytes of a stored body; None: what the server allows.

    """

    public = frozenset(
        {
            "add_hook",
            "clear_hooks",
            "clear_route",
            "clear_routes",
            "profile",
            "remove_hook",
            "route",
            "routes",
            "with_vhost",
        }
    )

    def __init__(self, mount: Mount, options: Mapping[str, Any]) -> None:
        self.mount = mount
        self.profile = profile_of(options.get("profile", "docs"))
        self.routes = Routes()
        self.keys = {point.name: mount.key(point.name) for point in POINTS}
        self.max_body_size = _size(options.get("max_body_size", self.profile.max_body_size))
        self.recorder = mount.recorder
        self.touch = mount.recorder.touch
        self.registration = Registration(mount)
        self._tasks: set[asyncio.Task[None]] = set()
        board = mount.board
        board.add_points([point_for(board.point(self.keys["body-chunk"]), self.profile)])

    # What the bench asks -------------------------------------------------------------------------

    def connect(self, transport: HttpTransport) -> WookieLink:
        """Give the link of a new connection."""
        return WookieLink(self, transport)

    @property
    def needs(self) -> frozenset[str]:
        """What it uses of a transport beyond requests, as its hooks, routes and profile stand now."""
        used = set()
        if any(row.hook.enabled for row in self.mount.board.state.of(self.keys["connect"])):
            used.add("connect")
        if not self.profile.answers_errors:
            used.add("silent-drop")
        if any(route.suppress_100 for route in self.routes):
            used.add("continue-100")
        return frozenset(used)

    @property
    def socket_path(self) -> None:
        """Where WebSockets connect: nowhere, this is HTTP alone."""
        return None

    def example(self, bench: str) -> str:
        """Give a cell with a first hook, which prints each request; `bench` is the variable to use."""
        return (
            f'@{bench}.hook("{self.keys["pre-route"]}")\n'
            "def watch(request, response):\n"
            "    print(request.method, request.target)"
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
        del ws_url
        header = ' -H "Authorization: Bearer TOKEN"' if token else ""
        headers = ', headers={"Authorization": "Bearer TOKEN"}' if token else ""
        path = next((route.resource for route in self.routes if route.pattern is None), "/")
        return [
            ("curl", f"curl -i{header} {url}{path}"),
            (
                "curl, in chunks",
                f"curl -i{header} -H 'Transfer-Encoding: chunked' --data-binary @FILE {url}{path}",
            ),
            ("Python", f'httpx.get("{url}{path}"{headers})'),
        ]

    def stop(self) -> None:
        """Cancel the requests that still wait."""
        for task in list(self._tasks):
            task.cancel()

    # What the bench shows ------------------------------------------------------------------------

    def add_hook(self, point: str, function: HookFunction, name: str | None = None) -> None:
        """Run a function whenever a point is reached, after those that were added before.

        Parameters
        ----------
        point
            Its name or alias. One that Wookie does not know keeps the function and never runs it; the trace
            says so (Wookie 16).
        function
            Called with the point's arguments. What it returns is ignored, unless it can be awaited: then the
            request waits for it.
        name
            By which `remove_hook` finds it; None: only by the function.

        """
        self.registration.add(point, function, name)

    def remove_hook(self, point: str, function_or_name: HookFunction | str) -> None:
        """Remove every hook of a point that has this function or this name; where there is none, nothing."""
        self.registration.remove(point, function_or_name)

    def clear_hooks(self, point: str | None = None) -> None:
        """Remove all hooks of a point; None: of all points."""
        self.registration.clear(point)

    def route(self, method: str | Iterable[str], resource: str, **options: Any) -> Callable[[_F], _F]:
        """Make a decorator that answers requests with a function; Wookie's `defroute`.

        Parameters
        ----------
        method
            "GET", several of them, or "*" for any.
        resource
            A regular expression for the whole path, or with ``regex=False`` the path itself.
        options
            ``regex``, ``case_sensitive``, ``chunk``, ``buffer_body``, ``suppress_100``, ``replace``,
            ``vhost``, ``priority``: see `Routes.add`.

        """

        def add(function: _F) -> _F:
            self.routes.add(method, resource, function, **options)
            return function

        return add

    def with_vhost(self, host: str) -> AbstractContextManager[None]:
        """Bind the routes that are added inside to one Host."""
        return with_vhost(host)

    def clear_route(self, method: str | Iterable[str], resource: str) -> None:
        """Remove a route; raises `RouteNotFound` where there is none."""
        self.routes.remove(method, resource)

    def clear_routes(self) -> None:
        """Remove all routes."""
        self.routes.clear()

    # What links use ------------------------------------------------------------------------------

    def run(self, coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        """Run something beside everything else, until it ends or the server stops."""
        task = loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _size(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise InvalidOption(f"max_body_size is a number of bytes above 0, or None, not {value!r}.")
