"""One console client: its connection, its outbox and the lines that the console shows.

The coroutine `ConsoleClient.run` lives on the loop it is given and is the only one that touches the socket.
Everything else may be called from any thread: lines and state are kept under one lock, and what is to be
sent goes through a queue, so that texts typed while the handshake is still on its way are sent in order
once it is done.
"""

from __future__ import annotations

__all__ = ["LINES_KEPT", "TEXT_KEPT", "ConsoleClient", "Line"]

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

LINES_KEPT = 200
"""Newest lines kept per client; older ones are counted in `ConsoleClient.dropped`."""

TEXT_KEPT = 64 * 1024
"""Characters kept of one line; a longer message says how long it was."""

OPEN_TIMEOUT = 10.0
"""Seconds that a handshake may take, slow upgrade hooks included."""

_BINARY_SHOWN = 1024
_REFUSAL_SHOWN = 200

Direction = Literal["in", "out", "note"]
State = Literal["connecting", "open", "closing", "closed", "refused"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a console.

    Attributes
    ----------
    time
        When, in seconds since the epoch.
    direction
        ``in`` from the server, ``out`` to it, ``note`` for what the console itself has to say.
    text
        The message; of a binary one its first kilobyte in hexadecimal.
    binary
        Whether the message was binary.
    """

    time: float
    direction: Direction
    text: str
    binary: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the line as the command channel sends it; the time is in milliseconds since the epoch."""
        return {
            "time": self.time * 1000,
            "direction": self.direction,
            "text": self.text,
            "binary": self.binary,
        }


@dataclass(frozen=True, slots=True)
class _Closing:
    code: int
    reason: str


class ConsoleClient:
    """A WebSocket client that keeps what it saw.

    Parameters
    ----------
    name
        The client's id, such as ``c1``.
    path
        Path and query that it asks for, as shown.
    changed
        Called, on whichever thread, after every change; must be quick and must not raise.

    Attributes
    ----------
    state
        ``connecting``, ``open``, ``closing``, ``closed`` or ``refused``.
    code
        Close code, or the HTTP status of a refusal; None before either.
    reason
        Reason of the close, or the beginning of the refusal's body.
    rtt_ns
        Nanoseconds from the last message sent to the first one received after it; None before that.
    protocol
        The subprotocol agreed on, or None.
    dropped
        Number of lines that are no longer kept.
    """

    def __init__(self, name: str, path: str, changed: Callable[[], None]) -> None:
        self.name = name
        self.path = path
        self.state: State = "connecting"
        self.code: int | None = None
        self.reason = ""
        self.rtt_ns: int | None = None
        self.protocol: str | None = None
        self.dropped = 0
        self._changed = changed
        self._lines: deque[Line] = deque()
        self._lock = threading.Lock()
        self._outbox: asyncio.Queue[str | bytes | _Closing] = asyncio.Queue()
        self._sent_at: int | None = None

    @property
    def lines(self) -> list[Line]:
        """The lines kept, the oldest first; a copy."""
        with self._lock:
            return list(self._lines)

    @property
    def over(self) -> bool:
        """Whether the connection has ended or never came about."""
        return self.state in ("closed", "refused")

    def to_json(self) -> dict[str, Any]:
        """Return the client as the ``console`` view of the command channel shows it."""
        return {
            "id": self.name,
            "state": self.state,
            "path": self.path,
            "protocol": self.protocol,
            "rtt_ns": self.rtt_ns,
            "code": self.code,
            "reason": self.reason,
            "dropped": self.dropped,
            "lines": [line.to_json() for line in self.lines],
        }

    def note(self, text: str) -> None:
        """Add a line in the console's own voice."""
        self._add(Line(time.time(), "note", text))

    def clear(self) -> None:
        """Forget the lines; the connection is left as it is."""
        with self._lock:
            self._lines.clear()
            self.dropped = 0
        self._changed()

    def push(self, data: str | bytes) -> None:
        """Queue a message; on the client's loop only."""
        self._outbox.put_nowait(data)

    def push_close(self, code: int, reason: str) -> None:
        """Queue a close, after the messages queued before it; on the client's loop only."""
        if not self.over:
            self._become("closing")
            self._outbox.put_nowait(_Closing(code, reason))

    async def run(self, url: str, protocols: Sequence[str], headers: Mapping[str, str]) -> None:
        """Connect, carry messages both ways and end with the connection.

        Parameters
        ----------
        url
            Absolute ``ws://`` address.
        protocols
            Subprotocols to offer, in order of preference.
        headers
            Further request headers.
        """
        try:
            await self._converse(url, protocols, headers)
        except InvalidStatus as refusal:
            self._end("refused", refusal.response.status_code, _body_text(refusal.response.body))
        except (InvalidHandshake, OSError, TimeoutError) as error:
            self._end("refused", None, str(error) or "The handshake took too long.")
        except asyncio.CancelledError:
            self._end("closed", 1006, "The bench's loop ended.")
            raise

    async def _converse(self, url: str, protocols: Sequence[str], headers: Mapping[str, str]) -> None:
        connecting = connect(
            url,
            subprotocols=[Subprotocol(protocol) for protocol in protocols] or None,
            additional_headers=dict(headers),
            open_timeout=OPEN_TIMEOUT,
            ping_interval=None,  # a ping of ours would run the bench's ping hooks
            max_size=None,
            proxy=None,  # the environment's proxy is for the world outside, not for the loopback
        )
        async with connecting as socket:
            self.protocol = socket.subprotocol
            self._become("open")
            writer = asyncio.create_task(self._write(socket), name=f"console {self.name} writer")
            try:
                async for message in socket:
                    self._received(message)
            except ConnectionClosed:
                pass  # told below, from the codes that the connection keeps
            finally:
                writer.cancel()
        self._end("closed", socket.close_code or 1006, socket.close_reason or "")

    async def _write(self, socket: ClientConnection) -> None:
        try:
            while True:
                item = await self._outbox.get()
                if isinstance(item, _Closing):
                    await socket.close(item.code, item.reason)
                    return
                self._sent_at = time.perf_counter_ns()
                self._add(_line("out", item))
                await socket.send(item)
        except ConnectionClosed:
            self.note("Not sent: the connection is closed.")

    def _received(self, message: str | bytes) -> None:
        if self._sent_at is not None:
            self.rtt_ns = time.perf_counter_ns() - self._sent_at
            self._sent_at = None
        self._add(_line("in", message))

    def _add(self, line: Line) -> None:
        with self._lock:
            self._lines.append(line)
            if len(self._lines) > LINES_KEPT:
                self._lines.popleft()
                self.dropped += 1
        self._changed()

    def _become(self, state: State) -> None:
        self.state = state
        self._changed()

    def _end(self, state: State, code: int | None, reason: str) -> None:
        self.code, self.reason = code, reason
        self.state = state
        self._changed()


def _line(direction: Direction, message: str | bytes) -> Line:
    if isinstance(message, bytes):
        shown = message[:_BINARY_SHOWN].hex(" ")
        more = f" ... ({len(message)} bytes)" if len(message) > _BINARY_SHOWN else ""
        return Line(time.time(), direction, shown + more, binary=True)
    more = f" ... ({len(message)} characters)" if len(message) > TEXT_KEPT else ""
    return Line(time.time(), direction, message[:TEXT_KEPT] + more)


def _body_text(body: bytes | bytearray | None) -> str:
    return bytes(body or b"")[:_REFUSAL_SHOWN].decode("utf-8", "replace")
