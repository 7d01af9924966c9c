"""Both ends of a WebSocket in memory: what the link holds, and what the client holds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from workbench.server.closing import ABNORMAL, NO_STATUS, close_payload
from workbench.server.errors import ServerError, WebSocketFailure
from workbench.server.host import Host
from workbench.server.links import CLOSED, CLOSING, HEARTBEAT, OPEN, Counters, WebSocketLink, size_of
from workbench.server.messages import Response
from workbench.server.patience import Patience

__all__ = ["Disconnected", "MemoryWebSocket", "ServerEnd"]

_HIGH_WATER = 65536
_PING_LIMIT = 125


class Disconnected(ServerError, ConnectionError):
    """The WebSocket is closed; `code` and `reason` say how (1005: no code, 1006: no handshake)."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"The WebSocket is closed: {code} {reason}".rstrip())


class ServerEnd:
    """`WebSocketTransport` of a connection in memory."""

    def __init__(
        self,
        identity: int,
        remote_address: str | None,
        host: Host,
        link: WebSocketLink,
        protocol: str,
        limit: int,
    ) -> None:
        self.id = identity
        self.remote_address = remote_address
        self.protocol = protocol
        self.state = OPEN
        self.counters = Counters()
        self.link = link
        self._loop = asyncio.get_running_loop()
        self.client = MemoryWebSocket(self, self._loop)
        self._host = host
        self._limit = limit
        self._deaf = False
        self._held: deque[Callable[[], None]] | None = None
        self._close_info: tuple[int, str] | None = None
        self._patience = Patience(
            host.options.close_timeout,
            late=self.gone,
            beat=lambda: self.ping(HEARTBEAT),
            silent=self.terminate,
            excused=lambda: self._held is not None,
        )

    def begin(self, idle_timeout: float | None) -> None:
        """Open: the link is told."""
        self._host.websockets.add(self)
        if idle_timeout is not None:
            self._patience.watch(idle_timeout)
        self._call(self.link.opened, self)

    def _call(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except BaseException as error:  # noqa: BLE001
            self._host.report(error, f"The link's {function.__name__}")

    # what the client's end does, one turn of the loop later

    def arrive(self, function: Callable[..., None], *args: Any) -> None:
        """Let something from the client happen a turn later."""
        self._loop.call_soon(self._take, lambda: function(*args))

    def _take(self, action: Callable[[], None]) -> None:
        if self._held is not None:
            self._held.append(action)
        elif not self._deaf:
            action()

    def take_message(self, data: str | bytes) -> None:
        """A message from the client."""
        size = size_of(data)
        if size > self._limit:
            self._fail(WebSocketFailure(1009, f"Received a message larger than {self._limit} bytes."))
            return
        self.counters.messages_in += 1
        self.counters.bytes_in += size
        self._patience.heard = True
        self._call(self.link.message, data)

    def take_ping(self, data: bytes) -> None:
        """A ping from the client."""
        self._patience.heard = True
        if self.state == OPEN and getattr(self.link, "answers_pings", True):
            self.client.pongs.put_nowait(data)
        self._call(self.link.ping, data)

    def take_pong(self, data: bytes) -> None:
        """A pong from the client."""
        self._patience.heard = True
        if data != HEARTBEAT:
            self._call(self.link.pong, data)

    def take_close(self, code: int, reason: str) -> None:
        """A close frame from the client."""
        self._close_info = (code, reason)
        self._deaf = True
        if self.state == OPEN:
            self.state = CLOSING
            self.client.arrive_close(code, reason)
        self._call(self.link.close_received, code, reason)
        self._loop.call_soon(self.gone)

    def gone(self) -> None:
        """The connection is cut."""
        if self.state == CLOSED:
            return
        self.state, self._deaf, self._held = CLOSED, True, None
        self._host.websockets.discard(self)
        self._patience.end()
        self.client.cut()
        self._call(self.link.closed, *(self._close_info or (ABNORMAL, "")))

    def _fail(self, failure: WebSocketFailure) -> None:
        self._deaf = True
        self._call(self.link.failed, failure)
        self.state = CLOSING
        self.client.arrive_close(failure.code, "")
        self._loop.call_soon(self.gone)

    # the link's side

    @property
    def buffered_amount(self) -> int:
        """Bytes that the client has not read."""
        return self.client.waiting

    def send(self, data: str | bytes, *, compress: bool = True) -> int:  # noqa: ARG002
        """Send one message; give the bytes that wait."""
        if self.state == OPEN:
            self.counters.messages_out += 1
            self.counters.bytes_out += size_of(data)
            self.client.arrive_message(data)
        return self.client.waiting

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake."""
        if self.state != OPEN:
            return
        close_payload(code, reason)
        self.state = CLOSING
        self.client.arrive_close(NO_STATUS if code is None else code, reason if code else "")
        self._patience.closing()

    def terminate(self) -> None:
        """Cut the connection."""
        if self.state != CLOSED:
            self.state, self._deaf = CLOSING, True
            self._loop.call_soon(self.gone)

    def ping(self, data: bytes = b"") -> None:
        """Send a ping; raises `ValueError` for more than 125 bytes."""
        if len(data) > _PING_LIMIT:
            raise ValueError(f"A ping carries at most {_PING_LIMIT} bytes, this one has {len(data)}.")
        if self.state == OPEN:
            self.client.arrive_ping(data)

    def pause_reading(self) -> None:
        """Take nothing more from the client until `resume_reading`."""
        if self._held is None and not self._deaf:
            self._held = deque()

    def resume_reading(self) -> None:
        """Go on after `pause_reading`."""
        held, self._held = self._held, None
        while held:
            self._take(held.popleft())

    def pause_timers(self) -> None:
        """Let no timeout strike until `resume_timers`."""
        self._patience.pause()

    def resume_timers(self) -> None:
        """Go on after `pause_timers`, as if the client had just been heard."""
        self._patience.resume(closing=self.state == CLOSING)

    def drained(self) -> None:
        """The client has caught up."""
        if self.state != CLOSED:
            self._call(self.link.drained)


class MemoryWebSocket:
    """The client's end of a WebSocket in memory.

    It answers pings and close frames by itself, as real clients do; `polite = False` makes it stop that.
    `hold` lets it read no more until `release`, so that the server sees a slow client.
    """

    def __init__(self, server: ServerEnd, loop: asyncio.AbstractEventLoop) -> None:
        self.polite = True
        self.response = Response(status=101)
        self.code: int | None = None
        self.reason = ""
        self.waiting = 0  # bytes that this end has not read
        self.pongs: asyncio.Queue[bytes] = asyncio.Queue()
        self._server = server
        self._loop = loop
        self._inbox: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._held = False
        self._gone = asyncio.Event()
        self._late: list[str | bytes] = []

    @property
    def protocol(self) -> str:
        """The chosen subprotocol, or an empty text."""
        return self._server.protocol

    @property
    def closed(self) -> bool:
        """Whether a close frame came, or the connection was cut."""
        return self.code is not None

    def send(self, data: str | bytes) -> None:
        """Send a message."""
        self._server.arrive(self._server.take_message, data)

    async def receive(self, timeout: float = 10.0) -> str | bytes:  # noqa: ASYNC109  # a test's patience
        """Give the next message; raises `Disconnected` after the last one."""
        data = await asyncio.wait_for(self._inbox.get(), timeout)
        if data is None:
            self._inbox.put_nowait(None)
            raise Disconnected(self.code or ABNORMAL, self.reason)
        return data

    def received(self) -> list[str | bytes]:
        """Give the messages that have come and were not `receive`d yet."""
        messages = []
        while not self._inbox.empty():
            data = self._inbox.get_nowait()
            if data is None:
                self._inbox.put_nowait(None)
                break
            messages.append(data)
        return messages

    async def ping(self, data: bytes = b"", timeout: float = 10.0) -> bytes:  # noqa: ASYNC109
        """Send a ping and give the pong's payload."""
        self._server.arrive(self._server.take_ping, data)
        return await asyncio.wait_for(self.pongs.get(), timeout)

    def pong(self, data: bytes = b"") -> None:
        """Send a pong that nobody asked for."""
        self._server.arrive(self._server.take_pong, data)

    async def close(self, code: int | None = 1000, reason: str = "") -> None:
        """Close, and wait until the connection is gone."""
        close_payload(code, reason)
        self._server.arrive(
            self._server.take_close, NO_STATUS if code is None else code, reason if code else ""
        )
        await self.wait_closed()

    def drop(self) -> None:
        """Cut the connection without a closing handshake."""
        self._loop.call_soon(self._server.gone)

    async def wait_closed(self, timeout: float = 10.0) -> tuple[int, str]:  # noqa: ASYNC109
        """Wait for the end; give code and reason."""
        await asyncio.wait_for(self._gone.wait(), timeout)
        return self.code or ABNORMAL, self.reason

    def hold(self) -> None:
        """Read no more until `release`."""
        self._held = True

    def release(self) -> None:
        """Read again."""
        self._held = False
        was_high, self.waiting = self.waiting > _HIGH_WATER, 0
        for data in self._late:
            self._inbox.put_nowait(data)
        self._late.clear()
        if was_high:
            self._loop.call_soon(self._server.drained)

    # what the server's end does

    def arrive_message(self, data: str | bytes) -> None:
        """A message from the server."""
        if self._held:
            self.waiting += size_of(data)
            self._late.append(data)
        else:
            self._inbox.put_nowait(data)

    def arrive_ping(self, data: bytes) -> None:
        """A ping from the server."""
        if self.polite:
            self.pong(data)

    def arrive_close(self, code: int, reason: str) -> None:
        """A close frame from the server."""
        if self.code is None:
            self.code, self.reason = code, reason
            self._inbox.put_nowait(None)
        if self.polite:
            self._server.arrive(self._server.take_close, code, reason)

    def cut(self) -> None:
        """TCP is gone, as it were."""
        self._gone.set()
        if self.code is None:
            self.code = ABNORMAL
            self._inbox.put_nowait(None)
