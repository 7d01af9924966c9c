"""The connections of a bench: to close one, to pause its timeouts, to disturb its traffic.

A connection is noted once, when it begins. Only while a fault is armed that acts on what clients send does
something stand between its transport and its link; the transports' ``link`` is exchanged for that time.
"""

from __future__ import annotations

__all__ = ["WatchedHandshake", "Wires"]

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from workbench.interventions.disturbed import Connect, DisturbedRequests, DisturbedWebSocket
from workbench.interventions.faults import Fault
from workbench.server.links import Handshake, HttpLink, HttpTransport, RawSocket, WebSocketLink
from workbench.server.links import WebSocketTransport as Transport
from workbench.server.messages import Response


class Wires:
    """The connections that a bench has.

    Parameters
    ----------
    faults
        Gives the armed faults.
    moment
        Notes an injected fault: (text, dispatch, connection).
    retire
        Called when a fault has acted as often as it was to.
    """

    def __init__(
        self,
        faults: Callable[[], list[Fault]],
        moment: Callable[[str, int, int], object],
        retire: Callable[[], object],
    ) -> None:
        self._faults = faults
        self.moment = moment
        self.retire = retire
        self._websockets: WeakSet[Any] = WeakSet()
        self._requests: WeakSet[Any] = WeakSet()
        self._connect: Connect | None = None
        self._lock = threading.Lock()

    def faults(self) -> list[Fault]:
        """Give those that act on what clients send."""
        return [fault for fault in self._faults() if fault.on_wire]

    def websocket(self, transport: Transport) -> None:
        """Note a WebSocket that has been opened."""
        with self._lock:
            self._websockets.add(transport)
        if self.faults():
            self._disturb(transport, DisturbedWebSocket)

    def requests(self, transport: HttpTransport, link: HttpLink, connect: Connect) -> HttpLink:
        """Note an HTTP connection; gives the link that it is to have."""
        self._connect = connect
        with self._lock:
            self._requests.add(transport)
        return DisturbedRequests(link, transport, self, connect) if self.faults() else link

    def refresh(self) -> None:
        """Put something between transports and links, or take it away, as the armed faults ask for."""
        with self._lock:
            websockets, requests = list(self._websockets), list(self._requests)
        wanted = bool(self.faults())
        for transport in websockets:
            if wanted:
                self._disturb(transport, DisturbedWebSocket)
            else:
                _release(transport)
        for transport in requests:
            if wanted:
                self._disturb(transport, self._disturbed)
            else:
                _release(transport)

    def _disturbed(self, link: HttpLink, transport: HttpTransport, _wires: Wires) -> DisturbedRequests:
        assert self._connect is not None  # noqa: S101 - there is a connection
        return DisturbedRequests(link, transport, self, self._connect)

    def _disturb(self, transport: Any, make: Callable[..., Any]) -> None:
        link = getattr(transport, "link", None)
        if link is not None and not isinstance(link, DisturbedWebSocket | DisturbedRequests):
            transport.link = make(link, transport, self)

    def find(self, connection: int) -> Any:
        """Give the transport of a connection, by its number in the trace; None where it is not known."""
        with self._lock:
            known = [*self._websockets, *self._requests]
        for transport in known:
            if getattr(getattr(transport, "link", None), "connection", None) == connection:
                return transport
        return None

    def close(self, connection: int, code: int, reason: str) -> None:
        """Close a connection; an HTTP one is cut. Nothing happens where it is gone or unknown."""
        transport = self.find(connection)
        if transport is None:
            return
        if hasattr(transport, "abort"):
            transport.abort()
        else:
            transport.close(code, reason)

    def timers(self, connection: int, paused: bool) -> None:
        """Pause the timeouts of a connection, or let them go on."""
        transport = self.find(connection)
        if transport is None:
            return
        if hasattr(transport, "pause_timers"):
            (transport.pause_timers if paused else transport.resume_timers)()
        else:
            (transport.pause if paused else transport.resume)()


def _release(transport: Any) -> None:
    link = getattr(transport, "link", None)
    if isinstance(link, DisturbedWebSocket | DisturbedRequests) and link.let_go():
        transport.link = link.inner


class WatchedHandshake:
    """A handshake that notes the WebSocket that comes of it; a `Handshake` itself.

    Parameters
    ----------
    inner
        The transport's.
    wires
        Who is told.
    """

    __slots__ = ("_inner", "_wires")

    def __init__(self, inner: Handshake, wires: Wires) -> None:
        self._inner = inner
        self._wires = wires

    def accept(self, link: WebSocketLink, **options: Any) -> Transport | None:
        """See `Handshake`."""
        transport = self._inner.accept(link, **options)
        if transport is not None:
            self._wires.websocket(transport)
        return transport

    def reject(self, response: Response) -> None:
        """See `Handshake`."""
        self._inner.reject(response)

    def hand_over(self) -> RawSocket:
        """See `Handshake`."""
        return self._inner.hand_over()
