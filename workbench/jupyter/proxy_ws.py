"""WebSocket connections to a hook server inside a kernel, through Jupyter.

The hook server is asked first and the browser answered afterwards, so refusals, subprotocols and response
headers are the hook's own. After that each direction hands on one message at a time and waits until it is
taken.
"""

from __future__ import annotations

__all__ = ["WebSocketProxyHandler"]

import asyncio
import contextlib
import json
from socket import SHUT_WR
from typing import Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.websocket import WebSocketMixin
from tornado.ioloop import IOLoop
from tornado.iostream import SSLIOStream, StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol, WebSocketProtocol13
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.http11 import Response
from websockets.typing import Origin, Subprotocol

from workbench.jupyter.base import CHANNEL_PREFIX, BenchHandler
from workbench.jupyter.discovery import Announcement
from workbench.jupyter.errors import ServerSilent, ServerUnreachable
from workbench.jupyter.hygiene import Passage, request_headers, response_headers

_GOING_AWAY, _NO_CODE, _ABNORMAL, _FAILED = 1001, 1005, 1006, 1011
_TOO_BIG = 1009
_REFUSING_SECONDS = 10.0
_PIECE = 256 * 1024
_SWITCHING = 101
_WRITTEN_HERE = frozenset({"host", "origin", "content-length"})
_OPS_OF_PEOPLE = frozenset({"edit", "undo", "redo", "client", "server"})


class WebSocketProxyHandler(WebSocketMixin, WebSocketHandler, BenchHandler):
    """One WebSocket of a browser and the one to the hook server that belongs to it."""

    _upstream: ClientConnection | None = None
    _pump: asyncio.Task[None] | None = None
    _protocol: _Protocol | None = None
    _is_channel = False
    _held = False

    @property
    def max_message_size(self) -> int:
        """Largest message from the browser, in bytes."""
        return int(self.limits.max_message_bytes)

    @ws_authenticated
    async def get(self, server_id: str, path: str) -> None:
        """Ask the bench, then answer the browser.

        Raises
        ------
        Forbidden, ServerNotFound, TooManyConnections, ServerUnreachable, ServerSilent
            Told before the upgrade, as plain HTTP answers.
        """
        path = path or "/"
        self._is_channel = path.startswith(CHANNEL_PREFIX)
        await self.require("execute" if self._is_channel else "write")
        target = self.target(server_id)
        with self.servers.connection(target):
            await self._serve(target, path)

    async def _serve(self, target: Announcement, path: str) -> None:
        """Connect both sides; returns when the browser is gone."""
        passage = self.passage(target, path)
        try:
            self._upstream = await self._dial(target, path, passage)
        except InvalidStatus as refusal:
            self._refuse(refusal.response, passage)
            return
        self._copy_headers(self._upstream.response, passage)
        await super().get()
        if self.get_status() != _SWITCHING:  # the browser's own handshake was invalid: tornado has answered
            await self._drop_upstream(_GOING_AWAY, "")

    async def _dial(self, target: Announcement, path: str, passage: Passage) -> ClientConnection:
        offered = self.request.headers.get_list("Sec-WebSocket-Protocol")
        words = [word.strip() for line in offered for word in line.split(",") if word.strip()]
        headers = request_headers(self.request.headers.get_all(), passage)
        own = [(name, value) for name, value in headers if not _is_handshake(name)]
        origin = next((value for name, value in headers if name.lower() == "origin"), None)
        try:
            return await connect(
                f"ws://{target.authority}{self.upstream_path(path)}",
                additional_headers=own,
                origin=Origin(origin) if origin else None,
                subprotocols=[Subprotocol(word) for word in words] or None,
                user_agent_header=None,
                open_timeout=self.limits.open_seconds,
                compression=None,  # both ends are on this machine
                ping_interval=None,  # a kernel that computes for a minute is busy, not dead
                max_size=None,  # the hook server's own limit counts
                max_queue=2,
                proxy=None,  # HTTP_PROXY is for going out, this stays here
            )
        except InvalidStatus:
            raise
        except TimeoutError as error:
            raise ServerSilent(
                f"{target.name!r} did not accept the WebSocket in time; a cell may hold it."
            ) from error
        except (OSError, WebSocketException) as error:
            raise ServerUnreachable(_unreachable(target, error)) from error

    def _refuse(self, answer: Response, passage: Passage) -> None:
        """Pass the answer of a hook that refused the upgrade on as it is."""
        self.set_status(answer.status_code, answer.reason_phrase or None)
        self._copy_headers(answer, passage)
        self.finish(bytes(answer.body or b""))

    def _copy_headers(self, answer: Response | None, passage: Passage) -> None:
        given = answer.headers.raw_items() if answer is not None else ()
        passed = response_headers(given, passage)
        self.replace_headers([pair for pair in passed if not _is_handshake(pair[0])])

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Choose what the hook server chose."""
        del subprotocols
        return self._upstream.subprotocol if self._upstream is not None else None

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Start handing messages to the browser."""
        super().open(*args, **kwargs)
        if self._upstream is not None:
            self._pump = asyncio.create_task(self._hand_to_browser(self._upstream))

    async def _hand_to_browser(self, upstream: ClientConnection) -> None:
        """Hand on what the hook server sends until it closes, then close with its code."""
        with contextlib.suppress(ConnectionClosed, WebSocketClosedError):
            async for message in upstream:
                if not self._is_channel:  # frames of a panel that is merely open are no activity
                    self.note_activity()
                await self.write_message(message, binary=isinstance(message, bytes))
        await upstream.wait_closed()
        self._close_browser(upstream.close_code, upstream.close_reason)

    def _close_browser(self, code: int | None, reason: str | None) -> None:
        if code == _NO_CODE:
            self.close()
        elif code is None or code in {_ABNORMAL, 1015}:  # not to be sent over the wire
            self.close(_FAILED, "The hook server went away")
        else:
            self.close(code, reason or None)

    async def on_message(self, message: str | bytes) -> None:
        """Hand a message to the hook server; tornado reads the next one when this returns."""
        if self._upstream is None:
            return
        if not self._is_channel or _somebody_did(message):
            self.note_activity()
        self._held = True
        try:
            await self._upstream.send(message)
        except ConnectionClosed:  # the pump tells the browser with which code
            return
        finally:
            self._held = False

    def send_ping(self) -> None:
        """Ping the browser; pongs that wait behind messages which the hook has not taken are not late."""
        if self._held:
            self.last_pong = IOLoop.current().time()
        super().send_ping()

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Take tornado's protocol, with the one fact added that `on_close` needs."""
        usual = super().get_websocket_protocol()
        if isinstance(usual, WebSocketProtocol13):
            self._protocol = _Protocol(self, mask_outgoing=False, params=usual.params)
            return self._protocol
        return usual

    def on_close(self) -> None:
        """Close the connection to the hook server with the browser's code."""
        if self._pump is not None:
            self._pump.cancel()
        polite = self._protocol is not None and self._protocol.said_goodbye
        code = self.close_code if polite else _GOING_AWAY
        self.servers.keep(asyncio.ensure_future(self._drop_upstream(code, self.close_reason or "")))
        super().on_close()

    async def _drop_upstream(self, code: int | None, reason: str) -> None:
        upstream = self._upstream
        if upstream is None:
            return
        if code is not None:
            await upstream.close(code, reason)
            return
        with contextlib.suppress(
            ConnectionClosed
        ):  # `socket.close()` in a browser sends no code: hooks see 1005
            async with upstream.send_context():
                upstream.protocol.send_close()


class _Protocol(WebSocketProtocol13):
    """Tornado's protocol, which says more about how a connection ends.

    Attributes
    ----------
    said_goodbye
        Whether the browser sent a close frame: one without a code looks like a lost connection otherwise.
    """

    said_goodbye = False
    _refusing: asyncio.Task[None] | None = None

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close, and remember who began."""
        self.said_goodbye = self.said_goodbye or (self.client_terminated and not self.server_terminated)
        if code == _TOO_BIG and self._refusing is None:
            self._refusing = asyncio.create_task(self._refuse_the_rest())
        super().close(code, reason)

    def _abort(self) -> None:
        if self._refusing is None or self._refusing.done():
            super()._abort()
        else:
            self.client_terminated = True  # ends tornado's reading; ours goes on

    async def _refuse_the_rest(self) -> None:
        """Read and drop what the browser still sends of a message that is too big.

        Closing at once would reset the connection, and the browser would lose the close frame that says why.
        """
        with contextlib.suppress(StreamClosedError, TimeoutError, OSError):
            async with asyncio.timeout(_REFUSING_SECONDS):
                await self.stream.write(b"")  # returns when the close frame is out
                if not isinstance(self.stream, SSLIOStream):
                    self.stream.socket.shutdown(SHUT_WR)  # so that the browser need not wait for our end
                while True:
                    await self.stream.read_bytes(_PIECE, partial=True)
        super()._abort()


def _is_handshake(name: str) -> bool:
    """Tell headers that belong to one handshake alone, and those the WebSocket client writes itself."""
    return name.lower().startswith("sec-websocket-") or name.lower() in _WRITTEN_HERE


def _unreachable(target: Announcement, error: Exception) -> str:
    if isinstance(error, InvalidHandshake):
        return f"{target.name!r} answered the WebSocket handshake wrongly: {error}."
    return f"{target.name!r} does not answer on port {target.port}; start it again."


def _somebody_did(message: str | bytes) -> bool:
    """Tell an act of a person on the command channel from a panel's own traffic (watch, ack, ping)."""
    try:
        return json.loads(message).get("op") in _OPS_OF_PEOPLE
    except (ValueError, AttributeError):
        return False
