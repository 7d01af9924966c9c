"""One connection of Wookie: connect, then one exchange after the other."""

from __future__ import annotations

__all__ = ["WookieLink"]

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from threading import get_ident
from typing import TYPE_CHECKING, Any

from workbench.dialects.wookie.differences import on_waiting
from workbench.dialects.wookie.exchange import Exchange
from workbench.dialects.wookie.objects import Socket
from workbench.engine.awaiting import must_await
from workbench.engine.rehearsal import rehearsing
from workbench.server.errors import HttpFailure
from workbench.server.links import Head, HttpTransport
from workbench.server.messages import Response
from workbench.trace.moments import SENT, STAGE

if TYPE_CHECKING:
    from workbench.dialects.wookie.app import WookieApp


class WookieLink:
    """What the transport tells about one connection becomes stages here.

    Attributes
    ----------
    app, transport
        Between which it stands.
    connection
        Its number in the trace.
    socket
        What `connect` hooks get.
    exchange
        The request at hand, or the newest one.
    gone
        Whether the client has left.
    messages_in, messages_out, bytes_in, bytes_out
        Requests, responses, and bytes of their bodies, for the register of connections.

    """

    def __init__(self, app: WookieApp, transport: HttpTransport) -> None:
        self.app = app
        self.transport = transport
        self.messages_in = self.messages_out = self.bytes_in = self.bytes_out = 0
        mount = app.mount
        self.connection = mount.connections.opened("wookie", mount.path, transport.remote_address, self)
        self.plans = mount.plans_for(self.connection)
        self.slot = mount.recorder.slots.slot  # that of the loop's thread
        self.socket = Socket(transport, self.connection)
        self.exchange: Exchange | None = None
        self.gone = False
        self._thread = get_ident()
        self._connect()

    def _connect(self) -> None:
        """Run the connect hooks; a failure changes nothing (Wookie 34), a pending one holds the client."""
        try:
            answer = self.plans.plan(self.app.keys["connect"]).fire(self.connection, self.socket)
        except BaseException as error:  # noqa: BLE001  # whatever a hook raises, the client is served
            self.app.mount.note(error, point=self.app.keys["connect"], connection=self.connection)
            return
        if answer is not None and must_await(answer):
            self.transport.pause()
            self._tell(STAGE, on_waiting("connect"))
            self.spawn(self._connected(answer))

    async def _connected(self, pending: Awaitable[Any]) -> None:
        try:
            await pending
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
        except BaseException as error:  # noqa: BLE001  # as above
            self.app.mount.note(error, point=self.app.keys["connect"], connection=self.connection)
        finally:
            self.transport.resume()

    # -- what the transport reports

    def head(self, head: Head) -> None:
        """A request begins."""
        self.messages_in += 1
        app = self.app
        if app.max_body_size is not None:
            limit = self.transport.body_limit
            self.transport.body_limit = app.max_body_size if limit is None else min(limit, app.max_body_size)
        self.exchange = exchange = Exchange(self, head)
        exchange.begin()

    def body(self, data: bytes, last: bool) -> None:
        """Pass a piece of its body on."""
        self.bytes_in += len(data)
        if self.exchange is not None:
            self.exchange.body(data, last)

    def failed(self, failure: HttpFailure) -> None:
        """Say what is wrong with it; where no request could be read, without hooks: there is none to show."""
        transport, exchange = self.transport, self.exchange
        text = f"{failure}\n"
        if transport.answered:
            transport.close()
        elif exchange is None or exchange.claimed or exchange.over:
            transport.respond(Response(text, status=failure.status))
            self._tell(SENT, f"{failure.status}: {failure}")
        else:
            exchange.refused(failure.status, text)

    def drained(self) -> None:
        """A streamed response may go on."""
        if self.exchange is not None:
            self.exchange.drained()

    def lost(self) -> None:
        """The client has gone."""
        self.gone = True
        if self.exchange is not None:
            self.exchange.lost()
        self.app.mount.connections.closed(self.connection)

    def _tell(self, kind: str, text: str) -> None:
        self.app.recorder.moment(kind, text, dispatch=-1, connection=self.connection)

    # -- what exchanges use

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something beside everything else, until it ends or the server stops."""
        self.app.run(coroutine, self.transport.loop)

    def on_loop(self, function: Callable[..., None], *args: Any) -> None:
        """Call a function on the connection's loop: at once when on it, else in the order of the calls."""
        if get_ident() == self._thread:
            function(*args)
        elif not rehearsing():
            with suppress(RuntimeError):  # the server has stopped, and with it the connection
                self.transport.loop.call_soon_threadsafe(function, *args)
