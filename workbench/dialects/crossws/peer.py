"""One connected client, as hooks see it (crossws R33 to R38, R43, R44)."""

from __future__ import annotations

__all__ = ["Peer", "Signal", "WebSocketView"]

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from workbench.dialects.crossws.payloads import payload, well_formed
from workbench.server.closing import close_payload
from workbench.server.errors import NotRunning
from workbench.server.links import OPEN, WebSocketTransport
from workbench.server.messages import Request

if TYPE_CHECKING:
    from workbench.dialects.context import Context, Touch
    from workbench.dialects.crossws.link import CrosswsLink
    from workbench.dialects.crossws.namespaces import PeerSet


class Signal(Protocol):
    """What calls a wait off: an `asyncio.Event`, a `threading.Event`, or anything else with `is_set`."""

    def is_set(self) -> bool:
        """Whether to stop waiting."""


class Peer:
    """A client, from `open` to `close`; every hook of the connection gets the same object.

    All members may be used from any thread. Off the server's loop, commands (`send`, `publish`, `close` ...)
    are handed to the loop and carried out in the order of the calls.

    Notes
    -----
    crossws's names in snake_case: `remoteAddress` is `remote_address`, `String(peer)` is `str(peer)`. Beyond
    crossws, and off unless asked for: `publish(..., to_self=True)`, `deliver` (a send that can be awaited)
    and `protocol`.

    """

    __slots__ = ("__weakref__", "_id", "_link", "_note", "_thread", "_topics", "_transport", "_view", "touch")

    def __init__(self, link: CrosswsLink, transport: WebSocketTransport) -> None:
        self._link = link
        self._transport = transport
        self._thread = threading.get_ident()
        self._topics: set[str] = set()
        self._id: str | None = None
        self._view: WebSocketView | None = None
        self._note = link.app.mount.recorder.sent
        self.touch: Touch = link.app.mount.recorder.touch  # for its messages, to say that a hook changed them

    # What it is ---------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """A UUID (version 4), made when it is first read, and the same ever after."""
        if self._id is None:
            self._id = str(uuid4())
        return self._id

    @property
    def context(self) -> Context:
        """The connection's own mutable mapping, the same in all hooks, `upgrade` and `close` included."""
        return self._link.context

    @property
    def namespace(self) -> str:
        """What keeps groups of peers apart: the URL's path, unless an `upgrade` hook says otherwise."""
        return self._link.namespace

    @property
    def request(self) -> Request:
        """The request that asked for this WebSocket; its body is empty."""
        return self._link.request

    @property
    def remote_address(self) -> str | None:
        """The socket's other end, without port; None in memory. `x-forwarded-for` is not consulted."""
        return self._transport.remote_address

    @property
    def protocol(self) -> str:
        """The agreed subprotocol, or an empty text; `websocket.protocol` has what was offered."""
        return self._transport.protocol

    @property
    def websocket(self) -> WebSocketView:
        """The socket below, with the properties of a browser's `WebSocket`."""
        if self._view is None:
            self._view = WebSocketView(self, self._transport)
        return self._view

    @property
    def peers(self) -> PeerSet:
        """The open peers of the same namespace, in join order; a live set, this peer included."""
        return self._link.app.namespaces.members(self.namespace)

    @property
    def topics(self) -> set[str]:
        """The topics that it subscribes to."""
        return self._topics

    @property
    def buffered_amount(self) -> int:
        """Bytes that wait for the client to read them."""
        return self._transport.buffered_amount

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"<Peer {self.id} {self.namespace}>"

    # What it is told ----------------------------------------------------------------------------

    def send(self, data: Any, *, compress: bool = True) -> int:
        """Send one message.

        Parameters
        ----------
        data
            Text, bytes, a number, a dict (as JSON) ...; see `payloads.payload` for all of them.
        compress
            False sends this message uncompressed where the connection compresses.

        Returns
        -------
        int
            Bytes that wait for the client, this message included. Nothing says that it has arrived.

        Raises
        ------
        TypeError
            For values that have no payload. After the close nothing is sent and nothing is raised.

        """
        frame = data if type(data) is str else payload(data)
        if threading.get_ident() == self._thread:
            return self._send(frame, compress)
        self._link.app.mount.post(self._send, frame, compress)
        return self._transport.buffered_amount

    def _send(self, frame: str | bytes, compress: bool) -> int:
        self._note(self._link.connection, frame)
        try:
            return self._transport.send(frame, compress=compress)
        except UnicodeEncodeError:  # seldom: nothing is looked at before it fails
            return self._transport.send(well_formed(str(frame)), compress=compress)

    def subscribe(self, topic: str) -> None:
        """Hear a topic from now on; subscribing again changes nothing."""
        self._topics.add(topic)

    def unsubscribe(self, topic: str) -> None:
        """Hear a topic no longer; one that it did not hear is fine too."""
        self._topics.discard(topic)

    def publish(self, topic: str, data: Any, *, compress: bool = True, to_self: bool = False) -> None:
        """Send a message to all others of the namespace that subscribe to a topic, in join order.

        Parameters
        ----------
        topic
            The publisher itself need not subscribe to it; an empty one reaches nobody.
        data, compress
            As in `send`.
        to_self
            True: this peer gets it too, where it subscribes.

        """
        but = None if to_self else self
        self._link.app.mount.post(
            self._link.app.namespaces.broadcast, topic, payload(data), self.namespace, compress, but
        )

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake; the `close` hook comes when TCP is gone.

        Parameters
        ----------
        code
            1000, 1001 to 1014 where the protocol allows it, or 3000 to 4999; None sends no code (the client
            sees 1005).
        reason
            At most 123 bytes.

        Raises
        ------
        InvalidClose
            For another code or a longer reason; nothing has changed then.

        """
        if threading.get_ident() == self._thread:
            self._transport.close(code, reason)
        else:
            close_payload(code, reason)  # raises here, where somebody can see it
            self._link.app.mount.post(self._transport.close, code, reason)

    def terminate(self) -> None:
        """Drop the connection without a closing handshake: 1006 on both sides."""
        self._link.app.mount.post(self._transport.terminate)

    def ping(self, data: str | bytes = b"") -> None:
        """Send a ping; more than 125 bytes go to the `error` hooks, and the peer stays."""
        payload_bytes = data.encode() if isinstance(data, str) else bytes(data)
        self._link.app.mount.post(self._link.ping_client, payload_bytes)

    # What may be waited for ---------------------------------------------------------------------

    async def wait_for_drain(
        self,
        threshold: int = 0,
        poll_interval: float = 0.1,
        *,
        signal: Signal | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # it polls, as crossws does: nothing to cancel
    ) -> None:
        """Wait until the client has caught up, or is gone.

        Parameters
        ----------
        threshold
            Go on as soon as no more than so many bytes wait.
        poll_interval
            Seconds between two looks.
        signal
            An event that calls the wait off.
        timeout
            Seconds to wait at most; None for ever.

        Raises
        ------
        TimeoutError
            When `timeout` has passed.
        InterruptedError
            When `signal` is set; or the exception that it carries as `reason`.

        """
        end = None if timeout is None else time.monotonic() + timeout
        while self.buffered_amount > threshold:
            _check_signal(signal)
            if end is not None and time.monotonic() >= end:
                raise TimeoutError(f"peer {self} has {self.buffered_amount} bytes to read after {timeout} s")
            await asyncio.sleep(poll_interval)
            if self._transport.state > OPEN:
                return

    async def deliver(self, data: Any, *, compress: bool = True, poll_interval: float = 0.01) -> bool:
        """Send one message and wait until all that waited has been given to the system.

        Returns
        -------
        bool
            False where the connection, or the server, ended before.

        Raises
        ------
        TypeError
            For values that have no payload.

        """
        frame, sent = payload(data), Future[None]()
        if self._is_over():
            return False
        self._link.app.mount.post(self._send_and_tell, frame, compress, sent)
        if not await self._told(sent, poll_interval):
            return False
        await self.wait_for_drain(0, poll_interval)
        return self._transport.state == OPEN

    def _send_and_tell(self, frame: str | bytes, compress: bool, sent: Future[None]) -> None:
        if not sent.set_running_or_notify_cancel():  # nobody waits for it any more
            return
        try:
            self._send(frame, compress)
        except Exception as error:  # noqa: BLE001  # it belongs to whoever waits
            sent.set_exception(error)
        else:
            sent.set_result(None)

    async def _told(self, sent: Future[None], poll_interval: float) -> bool:
        """Wait for a posted send; False where the loop that it was posted to ends without it."""
        waiting = asyncio.wrap_future(sent)
        try:
            while not sent.done():
                await asyncio.wait({waiting}, timeout=poll_interval)
                if not sent.done() and self._is_over():
                    return False
            await waiting
        finally:
            waiting.cancel()
        return True

    def _is_over(self) -> bool:
        """Whether nothing can be sent any more: the connection has ended, or the loop that carries it."""
        try:
            return self._transport.state > OPEN or self._link.app.mount.loop.is_closed()
        except NotRunning:
            return True


class WebSocketView:
    """The socket of a peer, with a browser's names in snake_case.

    Attributes
    ----------
    binary_type
        The form of `message.data`: "nodebuffer" at first (bytes, for text messages too), as on Node; "text"
        and "raw" are the others.

    """

    __slots__ = ("_peer", "_transport", "binary_type")

    def __init__(self, peer: Peer, transport: WebSocketTransport) -> None:
        self._peer = peer
        self._transport = transport
        self.binary_type = "nodebuffer"

    @property
    def url(self) -> str:
        """The address that was called, with `ws` or `wss`."""
        return "ws" + self._peer.request.url.removeprefix("http")

    @property
    def protocol(self) -> str:
        """What the client *offered*, as crossws has it on Node (R14); `peer.protocol` is what was chosen."""
        return self._peer.request.headers.get("sec-websocket-protocol") or ""

    @property
    def extensions(self) -> str:
        """The extensions that the client offered."""
        return self._peer.request.headers.get("sec-websocket-extensions") or ""

    @property
    def ready_state(self) -> int:
        """0 connecting, 1 open, 2 closing, 3 closed."""
        return self._transport.state

    @property
    def buffered_amount(self) -> int:
        """Bytes that wait for the client to read them."""
        return self._transport.buffered_amount

    def __repr__(self) -> str:
        return f"<WebSocket {self.url} ready_state={self.ready_state}>"


def _check_signal(signal: Signal | None) -> None:
    if signal is None or not signal.is_set():
        return
    reason = getattr(signal, "reason", None)
    if isinstance(reason, BaseException):
        raise reason
    raise InterruptedError("the wait for the client was called off")
