"""How clients get in: each that comes is made a connection, until the door closes.

Both loops bring servers that would do this, and differ where it matters. uvloop's has all connections share
one context, so that a variable which a hook sets for one client is there for the next; and when the system
runs out of descriptors it may end for good, without a word. asyncio's asks thousands of times at once then,
and forgets clients that it let in just before it was closed. With this one both loops do the same.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

__all__ = ["Door"]

_PAUSE = 1.0  # seconds until the next try when nobody could be let in
_MOMENT = 0.1  # seconds for those who are in but have no connection yet: TLS takes its time


class Door:
    """Lets the clients of a listening socket in; used on one loop alone.

    Parameters
    ----------
    listener
        It listens, and does not block.
    make
        Makes the protocol of a connection.
    tls
        How to speak TLS with clients; None: they don't.
    report
        Called with what keeps clients out, and where it happened.
    """

    def __init__(
        self,
        listener: socket.socket,
        make: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None,
        report: Callable[[BaseException, str], None],
    ) -> None:
        self._listener = listener
        self._make = make
        self._tls = tls
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._arriving: set[asyncio.Task[None]] = set()
        self._watching = False
        self._keeper: asyncio.Task[None] | None = None
        self._reopening: asyncio.TimerHandle | None = None
        self._open()

    def _open(self) -> None:
        try:
            self._loop.add_reader(self._listener, self._let_in)
            self._watching = True
        except NotImplementedError:  # asyncio's loop on Windows
            self._keeper = self._loop.create_task(self._keep())

    async def close(self) -> None:
        """Let nobody more in and free the port; whoever is in has a connection afterwards, or is gone."""
        if self._reopening is not None:
            self._reopening.cancel()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self._look_away()
        self._listener.close()
        if self._arriving:
            _, late = await asyncio.wait(self._arriving, timeout=_MOMENT)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _let_in(self) -> None:
        try:
            client, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):  # it has changed its mind
            return
        except OSError as error:
            self._report(error, "accept")
            self._look_away()
            self._reopening = self._loop.call_later(_PAUSE, self._open)
            return
        client.setblocking(False)
        self._welcome(client)

    def _look_away(self) -> None:
        if self._watching:
            self._watching = False
            self._loop.remove_reader(self._listener)

    async def _keep(self) -> None:
        while True:
            try:
                client, _ = await self._loop.sock_accept(self._listener)
            except ConnectionAbortedError:
                continue
            except OSError as error:
                self._report(error, "accept")
                await asyncio.sleep(_PAUSE)
            else:
                self._welcome(client)

    def _welcome(self, client: socket.socket) -> None:
        task = self._loop.create_task(self._connect(client))
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    async def _connect(self, client: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make, client, ssl=self._tls)
        except OSError:  # it has gone, or speaks no TLS
            client.close()
