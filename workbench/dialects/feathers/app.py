"""The application on a bench: what `Workbench("feathers")` serves, and what it offers beside the hooks."""

from __future__ import annotations

__all__ = ["OPTIONS", "FeathersApp", "feathers"]

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from workbench.dialects.base import Mount
from workbench.dialects.feathers.alone import Alone
from workbench.dialects.feathers.application import Application
from workbench.dialects.feathers.emitter import BY_ITSELF
from workbench.dialects.feathers.rest import Rest
from workbench.dialects.feathers.sockets import PATH, Sockets
from workbench.server.links import Handshake
from workbench.server.messages import Request, Response

OPTIONS: Mapping[str, str] = {
    "strict_context": "True: a hook that assigns a read-only member of its context fails; else it is noted",
    "case_sensitive": "False: paths of services are found whatever their case",
}

_FIRST = "messages.create"
_SERVICE = """from workbench.dialects.feathers import MemoryService

{bench}.use("messages", MemoryService())

"""
_EXAMPLE = """@{bench}.hook("{chain}")
async def watch(context, next):
    await next()
    print(context.path, context.method, context.result)"""

_JSON = """-H 'Content-Type: application/json' -d '{"text": "hello"}'"""


def feathers(**options: Any) -> Application:
    """Make an application of its own, without a bench and transports, as `feathers()` does.

    Parameters
    ----------
    **options
        As of `Workbench("feathers", ...)`.

    """
    return Application(Alone(), **_of(options))


def _of(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "strict": bool(options.get("strict_context", False)),
        "case_sensitive": bool(options.get("case_sensitive", True)),
    }


class FeathersApp(Application):
    """One Feathers server: services over REST and Socket.IO.

    Parameters
    ----------
    mount
        Where it lives on the bench.
    options
        Some of `OPTIONS`.

    """

    public = frozenset(
        {
            "channel",
            "channels",
            "configure",
            "emit",
            "get",
            "hooks",
            "lookup",
            "off",
            "on",
            "once",
            "publish",
            "service",
            "services",
            "set",
            "settings",
            "setup",
            "teardown",
            "unuse",
            "use",
        }
    )
    needs: frozenset[str] = frozenset()

    def __init__(self, mount: Mount, options: Mapping[str, Any]) -> None:
        # running a cell again registers its services again; elsewhere a path is taken once (R68)
        super().__init__(mount, replaces=lambda: mount.author() == "cell", **_of(options))
        prefix = "" if mount.path == "/" else mount.path
        self.rest = Rest(self, prefix)
        began = BY_ITSELF.set(True)
        self.sockets = Sockets(self, prefix + PATH)
        BY_ITSELF.reset(began)
        self._beginning: asyncio.Task[Any] | None = None

    # -- what the server asks ---------------------------------------------------------------------

    def start(self) -> None:
        """Set services up; requests wait for it."""
        self._beginning = self.mount.loop.create_task(self._begin())

    async def _begin(self) -> None:
        try:
            await self.setup(self)
        except Exception as error:  # noqa: BLE001 - the server runs, whatever a service's setup raised
            self.mount.sink(error, point="setup")

    def request(self, request: Request) -> Awaitable[Response]:
        """Answer plain HTTP: Socket.IO's polling, or a call."""
        if self._beginning is not None and not self._beginning.done():
            return self._answer_later(request, self._beginning)
        side = self.sockets if self.sockets.holds(request.path) else self.rest
        return side.request(request)

    async def _answer_later(self, request: Request, beginning: asyncio.Task[Any]) -> Response:
        await asyncio.shield(beginning)
        return await self.request(request)

    def upgrade(self, request: Request, handshake: Handshake) -> Awaitable[None] | None:
        """Answer a request for a WebSocket: only Socket.IO speaks it."""
        if self.sockets.holds(request.path):
            return self.sockets.upgrade(request, handshake)
        handshake.reject(
            Response(f"No WebSocket at {request.path}; Socket.IO is at {self.sockets.path}\n", status=404)
        )
        return None

    @property
    def socket_path(self) -> None:
        """Where plain WebSockets connect: nowhere, what there is speaks Socket.IO."""
        return None

    def example(self, bench: str) -> str:
        """Give a cell with a first hook, around one method of the first service.

        Parameters
        ----------
        bench
            The variable that holds the bench. Where it has no service yet, the cell makes one.

        """
        called = [chain.name for chain in self.chains()]
        name = next((name for name in called if name.endswith(".create")), next(iter(called), _FIRST))
        hook = _EXAMPLE.format(bench=bench, chain=self.mount.key(name))
        return hook if called else _SERVICE.format(bench=bench) + hook

    def commands(self, url: str, ws_url: str, *, token: bool = False) -> list[tuple[str, str]]:  # noqa: ARG002 - Socket.IO takes the HTTP address
        """Give commands that talk to this application from a terminal or another program.

        Parameters
        ----------
        url, ws_url
            Where it is.
        token
            Whether clients need one: the commands have the word TOKEN in its place.

        """
        path = next(iter(self.services), "messages")
        header = ' -H "Authorization: Bearer TOKEN"' if token else ""
        extra = ', { extraHeaders: { Authorization: "Bearer TOKEN" } }' if token else ""
        base = url.rstrip("/")
        return [
            ("curl", f"curl -i{header} {base}/{path}"),
            ("curl, create", f"curl -i{header} {_JSON} {base}/{path}"),
            ("JavaScript", f'feathers().configure(feathers.socketio(io("{base}"{extra})))'),
        ]

    def stop(self) -> Awaitable[object] | None:
        """Let clients go and tear services down; what is still to be awaited."""
        return self._end() if self._beginning is not None else None

    async def _end(self) -> None:
        self._beginning = None
        await self.sockets.close()
        await self.teardown(self)
