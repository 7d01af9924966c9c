"""The connections that a bench has had: what came, from where, how much it carried, how it ended."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

__all__ = ["NO_CONNECTION", "Connection", "Connections", "Counters"]

NO_CONNECTION = -1
"""Stands for "none" where a connection's index is expected; real ones count from 1."""


class Counters(Protocol):
    """What a transport counts: messages and payload bytes in both directions."""

    messages_in: int
    messages_out: int
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection at one moment.

    Attributes
    ----------
    index
        Number of the connection, 1 for the first; shown as ``c1``.
    dialect, path, remote
        Who serves it, where it came in, and the peer's address (empty where there is none).
    opened, closed
        Nanoseconds since 1970; `closed` is 0 while it is open.
    code, reason
        WebSocket close code (0 while open, or where there is none) and its text.
    messages_in, messages_out, bytes_in, bytes_out
        Whole messages and their payload bytes, seen from the server.
    """

    index: int
    dialect: str
    path: str
    remote: str
    opened: int
    closed: int = 0
    code: int = 0
    reason: str = ""
    messages_in: int = 0
    messages_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class Connections:
    """Register of connections; closed ones are forgotten, oldest first, beyond a limit.

    Parameters
    ----------
    limit
        How many rows are kept. Open connections are never forgotten: their sockets are the limit.
    clock
        Nanoseconds since 1970.
    """

    def __init__(self, *, limit: int = 100_000, clock: Callable[[], int] = time.time_ns) -> None:
        self.limit = limit
        self.dropped = 0
        """Closed connections that were forgotten to stay below the limit."""
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0
        self._open: dict[int, tuple[Connection, Counters | None]] = {}
        self._closed: OrderedDict[int, Connection] = OrderedDict()

    def opened(self, dialect: str, path: str, remote: str | None, counters: Counters | None = None) -> int:
        """Register a connection and return its index.

        Parameters
        ----------
        dialect, path
            Who serves it, and the path it came in at.
        remote
            Address of the peer; None where there is none (in memory).
        counters
            What its transport counts. Only read when somebody looks, and once more when it closes.
        """
        with self._lock:
            self._last += 1
            row = Connection(self._last, dialect, path, remote or "", self._clock())
            self._open[self._last] = (row, counters)
            self._forget()
            return self._last

    def closed(self, index: int, code: int | None = None, reason: str = "") -> None:
        """Note that a connection has ended; the second time, or an unknown index, does nothing."""
        with self._lock:
            row, counters = self._open.pop(index, (None, None))
            if row is not None:
                final = replace(row, closed=self._clock(), code=code or 0, reason=reason)
                self._closed[index] = _counted(final, counters)
                self._forget()

    def _forget(self) -> None:
        while self._closed and len(self._closed) + len(self._open) > self.limit:
            self._closed.popitem(last=False)
            self.dropped += 1

    def get(self, index: int) -> Connection | None:
        """Return one connection as it is now; None when it is unknown or forgotten."""
        with self._lock:
            row = self._closed.get(index)
            return row if row is not None else self._current(index)

    def _current(self, index: int) -> Connection | None:
        row, counters = self._open.get(index, (None, None))
        return None if row is None else _counted(row, counters)

    def rows(self) -> list[Connection]:
        """Return all that are kept, as they are now, in the order in which they were opened."""
        with self._lock:
            current = [_counted(row, counters) for row, counters in self._open.values()]
            return sorted([*self._closed.values(), *current], key=lambda row: row.index)

    @property
    def open(self) -> int:
        """How many are open."""
        return len(self._open)

    @property
    def total(self) -> int:
        """How many there ever were."""
        return self._last

    def __len__(self) -> int:
        return len(self._open) + len(self._closed)

    def clear(self) -> None:
        """Forget the closed ones; open ones stay, and numbers go on."""
        with self._lock:
            self._closed.clear()
            self.dropped = 0


def _counted(row: Connection, counters: Counters | None) -> Connection:
    if counters is None:
        return row
    return replace(
        row,
        messages_in=counters.messages_in,
        messages_out=counters.messages_out,
        bytes_in=counters.bytes_in,
        bytes_out=counters.bytes_out,
    )
