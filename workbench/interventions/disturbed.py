"""Links whose traffic is disturbed by faults, before the dialect sees any of it."""

from __future__ import annotations

__all__ = ["Connect", "DisturbedRequests", "DisturbedWebSocket"]

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from workbench.interventions.faults import Fault
from workbench.interventions.payloads import damaged_bytes, damaged_text
from workbench.interventions.silence import SilentTransport
from workbench.server.errors import HttpFailure
from workbench.server.links import (
    Head,
    HttpLink,
    HttpTransport,
    WebSocketLink,
    WebSocketTransport,
)
from workbench.trace.connections import NO_CONNECTION

Connect = Callable[[HttpTransport], HttpLink]
"""Makes the link of a connection."""

_OWN_PATHS = "/_workbench/"


class Ground(Protocol):
    """What a disturbed link asks and tells."""

    def faults(self) -> list[Fault]:
        """Give the faults that act on what clients send."""

    @property
    def moment(self) -> Callable[[str, int, int], object]:
        """Notes an injected fault."""

    @property
    def retire(self) -> Callable[[], object]:
        """Called when a fault has acted as often as it was to."""


class _Disturbed:
    def __init__(self, inner: Any, ground: Ground) -> None:
        self.inner = inner
        self._ground = ground
        self._late: tuple[Callable[[], object], asyncio.TimerHandle] | None = None

    @property
    def connection(self) -> int:
        """Its number in the trace, -1 where it has none."""
        return int(getattr(self.inner, "connection", NO_CONNECTION))

    def _struck(self) -> Iterator[Fault]:
        for fault in self._ground.faults():
            if fault.strikes(self.connection):
                if fault.spent:
                    asyncio.get_running_loop().call_soon(self._ground.retire)
                yield fault

    def _tell(self, what: str, fault: Fault) -> None:
        self._ground.moment(f"{what} (fault {fault.id})", -1, self.connection)

    def _swap(self, deliver: Callable[[], object], seconds: float) -> None:
        """Deliver after the next, or when none comes in that time."""
        timer = asyncio.get_running_loop().call_later(seconds, self._flush)
        self._late = (deliver, timer)

    def _flush(self) -> None:
        if self._late is not None:
            (deliver, timer), self._late = self._late, None
            timer.cancel()
            deliver()


class DisturbedWebSocket(_Disturbed):
    """Stands between the transport and the link of a WebSocket.

    Parameters
    ----------
    inner
        The dialect's link.
    transport
        Of the connection.
    ground
        What to ask and to tell.
    """

    inner: WebSocketLink

    def __init__(self, inner: WebSocketLink, transport: WebSocketTransport, ground: Ground) -> None:
        super().__init__(inner, ground)
        self._transport = transport

    def let_go(self) -> bool:
        """Whether it may be taken away: no message waits in it."""
        return self._late is None

    def message(self, data: str | bytes) -> None:
        """Let the faults act on a message."""
        times, swap = 1, None
        for fault in self._struck():
            if fault.kind == "corrupt":
                data = self._damaged(fault, data)
            elif fault.kind == "duplicate":
                times += 1
                self._tell("message doubled", fault)
            elif fault.kind == "reorder" and self._late is None:
                swap = fault
                self._tell("message swapped with the next", fault)
            elif fault.kind == "reorder":
                fault.missed()
            else:
                self._ended(fault)
                return

        def deliver() -> None:
            for _ in range(times):
                self.inner.message(data)

        if swap is not None:
            self._swap(deliver, swap.ms / 1000)
            return
        deliver()
        self._flush()

    def _damaged(self, fault: Fault, data: str | bytes) -> str | bytes:
        self._tell("message corrupted", fault)
        random = fault.random()
        return damaged_text(data, random) if isinstance(data, str) else damaged_bytes(data, random)

    def _ended(self, fault: Fault) -> None:
        if fault.kind == "close":
            self._tell(f"connection closed with {fault.code}", fault)
            self._transport.close(fault.code, fault.reason)
        else:
            self._tell("message dropped", fault)

    def close_received(self, code: int, reason: str) -> None:
        """See `WebSocketLink`; what waits comes first."""
        self._flush()
        self.inner.close_received(code, reason)

    def closed(self, code: int, reason: str) -> None:
        """See `WebSocketLink`; what waits comes first."""
        self._flush()
        self.inner.closed(code, reason)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class DisturbedRequests(_Disturbed):
    """Stands between the transport and the link of an HTTP connection.

    Parameters
    ----------
    inner
        The bench's link.
    transport
        Of the connection.
    ground
        What to ask and to tell.
    connect
        Makes the link to which the second copy of a doubled request goes.
    """

    inner: HttpLink

    def __init__(self, inner: HttpLink, transport: HttpTransport, ground: Ground, connect: Connect) -> None:
        super().__init__(inner, ground)
        self._transport = transport
        self._connect = connect
        self._head: Head | None = None
        self._pieces: list[bytes] = []
        self._kept = False  # the request at hand is collected, the link has not seen it

    def let_go(self) -> bool:
        """Whether it may be taken away: no request waits in it."""
        return not self._kept and self._late is None

    def head(self, head: Head) -> None:
        """Collect a request; upgrades and the bench's own paths pass."""
        path = head.target
        self._kept = not head.websocket and not head.expects_continue and not path.startswith(_OWN_PATHS)
        if self._kept:
            self._head, self._pieces = head, []
        else:
            self.inner.head(head)

    def body(self, data: bytes, last: bool) -> None:
        """Collect, or pass on; at the end let the faults act."""
        if not self._kept:
            self.inner.body(data, last)
            return
        self._pieces.append(data)
        if last:
            self._kept = False
            self._decide()

    def _decide(self) -> None:
        head, body = self._head, b"".join(self._pieces)
        assert head is not None  # noqa: S101 - a body follows its head
        doubled, swap = False, None
        for fault in self._struck():
            if fault.kind == "corrupt":
                body = self._damaged(fault, body)
            elif fault.kind == "duplicate":
                doubled = True
                self._tell("request doubled", fault)
            elif fault.kind == "reorder":
                swap = fault
                self._tell("request held back", fault)
            elif fault.kind == "close":
                self._tell("connection cut", fault)
                self._transport.abort()
                return
            else:
                self._tell("request dropped", fault)
                self._transport.drop()
                return
        if swap is not None:  # the next request of this connection waits for the answer: time lets it pass
            self._swap(lambda: self._deliver(head, body, doubled=doubled), swap.ms / 1000)
        else:
            self._deliver(head, body, doubled=doubled)

    def _damaged(self, fault: Fault, body: bytes) -> bytes:
        if not body:
            fault.missed()
            return body
        self._tell("request body corrupted", fault)
        return damaged_bytes(body, fault.random())

    def _deliver(self, head: Head, body: bytes, *, doubled: bool) -> None:
        self.inner.head(head)
        self.inner.body(body, True)
        if doubled:
            second = self._connect(SilentTransport(self._transport))
            second.head(head)
            second.body(body, True)

    def failed(self, failure: HttpFailure) -> None:
        """The request cannot be read on: the link sees as much of it as came."""
        if self._kept and self._head is not None:
            self._kept = False
            self.inner.head(self._head)
        self.inner.failed(failure)

    def lost(self) -> None:
        """The connection is gone: what waits comes first."""
        self._flush()
        self.inner.lost()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
