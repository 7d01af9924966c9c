"""Answers that are ready in the same turn of the loop leave together, at its end.

To send to a client that sleeps is to wake it, which on another processor can cost more than all the rest of
sending. A client that is sent one answer while the next is being made falls asleep in between, each time;
answers that follow one another closely find it awake.
"""

from __future__ import annotations

import asyncio

__all__ = ["Outbox"]

_FULL = 64 * 1024  # bytes to one client that wait at most


class Outbox:
    """What waits for the end of this turn, for all connections of one server; used on its loop alone.

    Whoever writes to a transport without it, or closes one, calls `flush` first.
    """

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Transport, bytes] = {}

    def put(self, transport: asyncio.Transport, data: bytes) -> None:
        """Send at the end of this turn, after what waits for the same client."""
        waiting = self._waiting
        if not waiting:
            asyncio.get_running_loop().call_soon(self._send)
        elif transport in waiting:
            data = waiting[transport] + data
        waiting[transport] = data
        if len(data) >= _FULL:
            self.flush(transport)

    def flush(self, transport: asyncio.Transport) -> None:
        """Send now what waits for this client."""
        data = self._waiting.pop(transport, None)
        if data is not None:
            _write(transport, data)

    def size(self, transport: asyncio.Transport) -> int:
        """Bytes that wait here for this client."""
        return len(self._waiting.get(transport, b""))

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for transport, data in waiting.items():
            _write(transport, data)


def _write(transport: asyncio.Transport, data: bytes) -> None:
    if not transport.is_closing():  # asyncio would log a warning for each answer to a client that has gone
        transport.write(data)
