"""One WebSocket of crossws: from what the transport reports to the hooks (crossws R18, R23 to R33, R42)."""

from __future__ import annotations

__all__ = ["CrosswsLink", "UpgradeRequest"]

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.dialects.context import Context, Touch
from workbench.dialects.counters import LateCounters
from workbench.dialects.crossws.errors import WSError
from workbench.dialects.crossws.message import Message
from workbench.dialects.crossws.peer import Peer
from workbench.dialects.crossws.points import RESOLVED
from workbench.dialects.known import known_as
from workbench.engine.awaiting import must_await
from workbench.server.errors import WebSocketFailure
from workbench.server.links import Handshake, RawSocket, WebSocketTransport
from workbench.server.messages import Request

if TYPE_CHECKING:
    from workbench.dialects.crossws.app import CrosswsApp
    from workbench.engine.hooks import Hook
    from workbench.engine.plan import Plan


@known_as(Request)
class UpgradeRequest(Request):
    """The request of an `upgrade` hook, and later `peer.request`.

    Attributes
    ----------
    context
        An empty mapping at first; what hooks put there is `peer.context` afterwards (R11, R12).

    """

    context: Context

    def __init__(self, request: Request, handshake: Handshake, touch: Touch) -> None:
        # crossws says GET whatever was sent; anything else ends in 405 after the hooks have run (R17).
        super().__init__("GET", request.url, request.headers, remote_address=request.remote_address)
        self.context = Context.tracked(touch)
        self._handshake = handshake
        self._raw: RawSocket | None = None

    def hand_over(self) -> RawSocket:
        """Take the socket away from the server; the hook then answers `{"handled": True}` (R15).

        Returns
        -------
        RawSocket
            asyncio's transport and what the client has sent so far; the same when asked again.

        Raises
        ------
        UnsupportedByTransport
            Where there is no socket: in memory, or under a foreign ASGI server.

        """
        if self._raw is None:
            self._raw = self._handshake.hand_over()
        return self._raw


class CrosswsLink:
    """What the server tells about one connection becomes events here.

    Attributes
    ----------
    app
        The application that it belongs to.
    request, context, namespace
        As the hooks see them on the peer.
    connection
        Its number in the trace.
    hooks
        The object that `resolve` supplied for it, or None. Its members are looked up at each event (R23).

    """

    __slots__ = (
        "_counters",
        "_guests",
        "_held",
        "_message_key",
        "_peer",
        "_plans",
        "_transport",
        "_waiting",
        "app",
        "connection",
        "hooks",
        "namespace",
        "request",
    )

    def __init__(self, app: CrosswsApp, request: UpgradeRequest) -> None:
        self.app = app
        self.request = request
        self.namespace = request.path
        self.hooks: Any = None
        self._counters = LateCounters()
        self.connection = app.mount.connections.opened(
            "crossws", request.target, request.remote_address, self._counters
        )
        self._message_key = app.keys["message"]
        self._plans = app.mount.plans_for(self.connection)
        self._guests: dict[str, Hook] = {}
        self._peer: Peer
        self._transport: WebSocketTransport
        # Events wait here while the link is held: until a coroutine that has been scheduled takes its first
        # step, so that starts keep the order of arrival (R25, R26); or, with `serialize`, until it has ended.
        self._waiting: deque[tuple[str, tuple[Any, ...]]] = deque()
        self._held = False

    @property
    def context(self) -> Context:
        """The connection's context, which is the request's."""
        return self.request.context

    # What the transport reports -----------------------------------------------------------------

    def opened(self, transport: WebSocketTransport) -> None:
        """Make the peer and let it join before anybody hears of it (R33)."""
        self._transport = transport
        self._counters.source = transport.counters
        self._peer = Peer(self, transport)
        self.app.namespaces.join(self._peer)
        self.fire("open", self._peer)

    def message(self, data: str | bytes) -> None:
        """Pass a message on; the hooks of a chain share one object."""
        peer = self._peer
        message = Message(data, peer)
        if self._held or self.hooks is not None:
            self.fire("message", peer, message)
            return
        # What `fire` comes to, written out: this is the one event that comes by the hundred thousand.
        try:
            pending = self._plans.plan(self._message_key).fire(self.connection, peer, message)
        except BaseException as error:  # noqa: BLE001  # whatever a hook raises is the sink's (R30)
            self.app.escaped(error, "message", self.connection)
            return
        if pending is not None:
            self._await("message", pending)

    def ping(self, data: bytes) -> None:
        """Pass a ping on."""
        self.fire("ping", self._peer, data)

    def pong(self, data: bytes) -> None:
        """Pass a pong on."""
        self.fire("pong", self._peer, data)

    def failed(self, error: WebSocketFailure) -> None:
        """Let the peer leave, then say what was wrong (R31)."""
        self.app.namespaces.leave(self._peer)
        self.fire("error", self._peer, WSError(str(error), error.code))

    def close_received(self, code: int, reason: str) -> None:
        """Nothing: `close` hooks run when TCP is gone (R28b)."""

    def closed(self, code: int, reason: str) -> None:
        """Let the peer leave, then run its last event (R33, R39)."""
        self.app.namespaces.leave(self._peer)
        self.app.mount.connections.closed(self.connection, code, reason)
        self.fire("close", self._peer, Context(code=code, reason=reason))

    def drained(self) -> None:
        """Say that a slow client has caught up."""
        self.fire("drain", self._peer)

    # What hooks make it do ----------------------------------------------------------------------

    def ping_client(self, data: bytes) -> None:
        """Send a ping; one that is too long goes to the `error` hooks and changes nothing else (R42)."""
        try:
            self._transport.ping(data)
        except ValueError as error:
            self.fire("error", self._peer, WSError(str(error)))

    def refused(self, reason: str) -> None:
        """Note that there will be no WebSocket."""
        self.app.mount.connections.closed(self.connection, None, reason)

    # Events -------------------------------------------------------------------------------------

    def fire(self, point: str, *args: Any) -> None:
        """Run the hooks of an event, after those of earlier events have started."""
        if self._held:
            self._waiting.append((point, args))
        else:
            self._start(point, args)

    def _start(self, point: str, args: tuple[Any, ...]) -> None:
        try:
            pending = self.plan(point).fire(self.connection, *args)
        except BaseException as error:  # noqa: BLE001  # whatever a hook raises is the sink's (R30)
            self.app.escaped(error, point, self.connection)
            return
        if pending is not None:
            self._await(point, pending)

    def _await(self, point: str, pending: Any) -> None:
        if not must_await(pending):
            return
        self._held = True
        self.app.run(self._finish(pending, point))
        if not self.app.serialize:
            self.app.mount.loop.call_soon(self._release)  # first in, first out: after the first step

    async def _finish(self, pending: Any, point: str) -> None:
        try:
            await pending
        except (asyncio.CancelledError, GeneratorExit):  # the server stops
            raise
        except BaseException as error:  # noqa: BLE001  # as above (R29)
            self.app.escaped(error, point, self.connection)
        finally:
            if self.app.serialize:
                self._release()

    def _release(self) -> None:
        self._held = False
        while self._waiting and not self._held:
            self._start(*self._waiting.popleft())

    def plan(self, point: str, lane: str | None = None) -> Plan:
        """Give the chain of an event as it is now: the bench's hooks, then the resolved one; or one lane."""
        key = self.app.keys[point]
        function = None if self.hooks is None else member(self.hooks, point)
        guests = () if function is None else (self._guest(point, key, function),)
        if lane is None:
            return self._plans.plan(key, guests)
        return self.app.mount.board.plan(key, self.connection, guests, lanes=(lane,))

    def _guest(self, point: str, key: str, function: Callable[..., Any]) -> Hook:
        """Give the hook of a resolved function; the same one as long as the member stays the same."""
        hook = self._guests.get(point)
        if hook is None or hook.function != function:
            hook = self._guests[point] = self.app.mount.board.guest(function, key, lane=RESOLVED)
        return hook


def member(hooks: object, point: str) -> Callable[..., Any] | None:
    """Look a hook up on a hooks object: a mapping's entry or an object's attribute, or None."""
    found = hooks.get(point) if isinstance(hooks, Mapping) else getattr(hooks, point, None)
    return found if callable(found) else None
