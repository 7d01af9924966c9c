"""The side WebSocket: the command channel on the hook server's own port.

A comm waits for the running cell; this does not. Messages are read and sent on the bench's loop, frames are
built off it: no event waits for the look of a page. It asks for the bench's token, in an ``Authorization:
Bearer`` header (Jupyter's proxy adds it) or in the first frame (pages on this machine, which got it over the
comm), never in a URL.
"""

from __future__ import annotations

__all__ = ["CLOSE_REFUSED", "MESSAGE_LIMIT", "SAY_HELLO_WITHIN", "WAITING_LIMIT", "accept_channel"]

import asyncio
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from workbench.server.links import Handshake, WebSocketTransport
from workbench.server.messages import Request, Response
from workbench.server.policy import bearer
from workbench.widgets.channel import ChannelSession, is_token
from workbench.widgets.protocol import TEXT_LIMIT, Message
from workbench.widgets.scheduling import shared_scheduler

if TYPE_CHECKING:
    from workbench.bench import Workbench

CLOSE_REFUSED: Final = 4401
"""Close code after a wrong or missing token."""

SAY_HELLO_WITHIN: Final = 5.0
"""Seconds that a face has to show the token."""

MESSAGE_LIMIT: Final = 2 * TEXT_LIMIT
"""Bytes of the longest frame that a face may send."""

WAITING_LIMIT: Final = 16 * 1024 * 1024
"""Bytes that may wait for a face that does not read; beyond it the connection is dropped."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def accept_channel(bench: Workbench, request: Request, handshake: Handshake) -> None:
    """Answer a WebSocket request at ``/_workbench/channel``; on the bench's loop.

    Parameters
    ----------
    bench
        The bench whose server was asked.
    request
        The upgrade request. Refused with 403 when it comes from a page that is not on this machine.
    handshake
        The means to answer.
    """
    if not _origin_allowed(request.headers.get("origin")):
        handshake.reject(Response("Pages of other machines may not control this bench.\n", status=403))
        return
    link = _SideLink(bench, bearer(request.headers))
    handshake.accept(link, max_message=MESSAGE_LIMIT, idle_timeout=None)


def _origin_allowed(origin: str | None) -> bool:
    """Jupyter's proxy and programs send none; a page must be on the loopback, and shows the token besides."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK


class _SideLink:
    """A `WebSocketLink` that is a face."""

    def __init__(self, bench: Workbench, offered: str | None) -> None:
        self._bench = bench
        self._offered = offered
        self._session: ChannelSession
        self._timer: asyncio.TimerHandle | None = None

    def opened(self, transport: WebSocketTransport) -> None:
        loop = asyncio.get_running_loop()
        self._loop, self._transport = loop, transport
        trusted = self._offered is not None and is_token(self._bench, self._offered)
        session = self._session = ChannelSession(
            self._bench, self._send, shared_scheduler(), trusted=trusted, refused=self._turn_away
        )
        if self._offered is not None and not trusted:
            session.malformed("The token in the Authorization header is wrong.")
            session.close()
            self._turn_away()
        elif not trusted:
            self._timer = loop.call_later(SAY_HELLO_WITHIN, self._late)

    def message(self, data: str | bytes) -> None:
        session = self._session
        if session.closed:
            return
        try:
            message = json.loads(data) if isinstance(data, str) else None
        except (ValueError, RecursionError):
            session.malformed("The frame is not JSON.")
            return
        if message is None:
            session.malformed("The channel speaks JSON objects in text frames.")
            return
        session.receive(message)
        if session.trusted:
            self._disarm()

    def ping(self, data: bytes) -> None:
        """Nothing to do: the pong has been sent."""

    def pong(self, data: bytes) -> None:
        """Nothing to do."""

    def failed(self, error: Exception) -> None:
        """Nothing to do: `closed` follows."""

    def close_received(self, code: int, reason: str) -> None:
        """Nothing to do: `closed` follows."""

    def closed(self, code: int, reason: str) -> None:
        del code, reason
        self._disarm()
        self._session.close()

    def drained(self) -> None:
        """Nothing to do: frames wait for their acknowledgement, not for the socket."""

    def _late(self) -> None:
        self._session.malformed(f"No token within {SAY_HELLO_WITHIN:g} seconds.")
        self._session.close()
        self._turn_away()

    def _turn_away(self) -> None:
        self._disarm()
        self._transport.close(CLOSE_REFUSED, "token wrong or missing")

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self, message: Message) -> int:
        text = json.dumps(message, allow_nan=False, separators=(",", ":"))
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            self._put(text)
        else:
            self._loop.call_soon_threadsafe(self._put, text)
        return len(text)

    def _put(self, text: str) -> None:
        if self._transport.send(text) > WAITING_LIMIT:
            self._transport.terminate()  # it asks and never reads; a page that lives reconnects
