"""Limits on clients: messages in a time, and the heartbeat that finds those who are gone (R142, R144)."""

from __future__ import annotations

__all__ = ["Heartbeat", "RateLimit"]

import asyncio
import time
from collections.abc import Callable
from math import ceil

from workbench.dialects.directus.client import Client
from workbench.dialects.directus.wire import formatted


class RateLimit:
    """Counts the messages of each client in a window of time, which begins with its first message.

    Parameters
    ----------
    points
        Messages in one window.
    seconds
        How long it is.
    clock
        Seconds that only grow.
    """

    def __init__(self, points: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._points = points
        self._seconds = seconds
        self._clock = clock
        self._windows: dict[Client, tuple[float, int]] = {}

    def refused(self, client: Client) -> int | None:
        """Count a message; None where it may pass, else the milliseconds until the next one may."""
        now = self._clock()
        end, count = self._windows.get(client, (0.0, 0))
        if now >= end:
            end, count = now + self._seconds, 0
        self._windows[client] = end, count + 1
        return None if count < self._points else ceil((end - now) * 1000)

    def forget(self, client: Client) -> None:
        """Forget a client that is gone."""
        self._windows.pop(client, None)


class Heartbeat:
    """Pings all clients, and closes those that say nothing until the next ping.

    One timer runs for all, as long as there are any (R142).

    Parameters
    ----------
    clients
        The clients there are; a live set.
    period
        Seconds.
    loop
        Gives the loop.
    """

    def __init__(
        self, clients: set[Client], period: float, loop: Callable[[], asyncio.AbstractEventLoop]
    ) -> None:
        self._clients = clients
        self._period = period
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._silent: set[Client] = set()

    def check(self) -> None:
        """Run the timer while there are clients; called whenever one came or went."""
        if self._clients and self._timer is None:
            self._timer = self._loop().call_later(self._period, self._beat)
        elif not self._clients:
            self.stop()

    def heard(self, client: Client) -> None:
        """Note that a message of a client came through the filters."""
        self._silent.discard(client)

    def stop(self) -> None:
        """End the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._silent.clear()

    def _beat(self) -> None:
        for client in self._silent & self._clients:
            client.close()
        alive = [client for client in self._clients if client not in self._silent]
        self._silent = set(alive)
        for client in alive:
            client.send(formatted("ping"))
        self._timer = self._loop().call_later(self._period, self._beat)
