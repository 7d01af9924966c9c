"""WebSockets over picows: the one file that knows picows from the inside (2.3 and later of major version 2).

picows parses frames and writes them, in C. What it leaves to us is here: messages out of fragments, UTF-8,
reserved bits, close codes, the closing handshake, and time. Three things are not its public surface:

- `WSProtocol` is made by hand on a connected transport and fed a minimal request, since the real one has
  been read;
- it gets a `Cork` as transport, so that its own 101 and its own way of closing stay inside;
- its parser reports violations to its logger first: `_Alarm` is that logger. A `connection_lost` made up on
  the spot keeps picows from sending a close frame before earlier messages are answered and the link has
  been told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import picows.picows as core
from picows import WSListener, WSMsgType
from picows.common import WSUpgradeResponse, WSUpgradeResponseWithListener

from workbench.server.assembly import Assembler
from workbench.server.closing import ABNORMAL, NO_STATUS, close_payload, end_writing, parse_close
from workbench.server.cork import Cork
from workbench.server.deflate import Codec
from workbench.server.errors import WebSocketFailure
from workbench.server.host import Host
from workbench.server.links import (
    CLOSED,
    CLOSING,
    CONNECTING,
    HEARTBEAT,
    OPEN,
    Counters,
    WebSocketLink,
    size_of,
)
from workbench.server.loops import posted_on
from workbench.server.patience import Patience

__all__ = ["SocketWebSocket", "open_websocket"]

TEXT, BINARY = WSMsgType.TEXT, WSMsgType.BINARY
CLOSE, PING, PONG = WSMsgType.CLOSE, WSMsgType.PING, WSMsgType.PONG
_CONTROL_LIMIT = 125
_HIGH = 64 * 1024  # bytes that wait for a client beyond which it counts as slow
_REQUEST = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def open_websocket(
    transport: asyncio.Transport,
    link: WebSocketLink,
    host: Host,
    *,
    identity: int,
    protocol: str,
    codec: Codec | None,
    max_message: int,
    idle_timeout: float | None,
    received: bytes,
) -> SocketWebSocket:
    """Make a WebSocket of a connection whose 101 is written; `received` came after the request."""
    websocket = SocketWebSocket(transport, link, host, identity, protocol, codec, max_message)
    websocket.begin(max_message, idle_timeout, received)
    return websocket


class SocketWebSocket(WSListener):
    """One WebSocket on a socket: listener towards picows, `WebSocketTransport` towards the link."""

    def __init__(  # only `open_websocket` calls it
        self,
        raw: asyncio.Transport,
        link: WebSocketLink,
        host: Host,
        identity: int,
        protocol: str,
        codec: Codec | None,
        max_message: int,
    ) -> None:
        self.id = identity
        self.link = link
        self.protocol = protocol
        self.state = CONNECTING
        self.counters = Counters()
        peer = raw.get_extra_info("peername")
        self.remote_address: str | None = peer[0] if isinstance(peer, tuple) else None
        self._raw = raw
        self._cork = Cork(raw)
        self._host = host
        self._codec = codec
        self._loop = asyncio.get_running_loop()
        self._posted = posted_on(self._loop)
        self._assembler = Assembler(max_message, codec)
        self._frames: Any = None  # what writes frames
        self._waiting = raw.get_write_buffer_size
        self._plain = True  # whole frames need nothing but to be handed on
        self._deaf = False  # nothing that comes is dispatched any more
        self._close_sent = False
        self._close_info: tuple[int, str] | None = None
        self._held: deque[tuple[Any, ...]] | None = None
        self._alarmed = False
        self._pretended = False
        self._patience = Patience(
            host.options.close_timeout,
            late=raw.abort,
            beat=self._beat,
            silent=self.terminate,
            excused=self._is_held,
        )
        self._owed_pong: list[bytes] = []

    def begin(self, max_frame: int, idle_timeout: float | None, received: bytes) -> None:
        """Put picows on the socket, tell the link, then hand on what came early."""
        protocol = core.WSProtocol(  # type: ignore[attr-defined]  # not in its stub
            None, None, False, self._listen, _Alarm(self), False, None,
            False, 1.0, 1.0, core.WSAutoPingStrategy.PING_WHEN_IDLE, False, max_frame, None, 16 * 1024,
        )  # fmt: skip
        self._picows = protocol
        protocol.connection_made(self._cork)
        self._cork.write = _swallow  # type: ignore[method-assign]  # picows holds the real one already
        _feed(protocol, _REQUEST, lambda: False)
        self._frames = protocol.transport
        self._raw.set_protocol(protocol)
        self._raw.set_write_buffer_limits(high=_HIGH, low=0)
        self.state = OPEN
        self._host.websockets.add(self)
        if idle_timeout is not None:
            self._patience.watch(idle_timeout)
        if received:
            self._raw.pause_reading()
            self._loop.call_soon(self._hand_on, received)
        self._call(self.link.opened, self)
        if self._host.stopping:
            self.close(1001)

    def _listen(self, _request: object) -> WSUpgradeResponseWithListener:
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(), self)

    def _hand_on(self, received: bytes) -> None:
        if self.state != CLOSED and not self._deaf:
            _feed(self._picows, received, lambda: self._alarmed)
        if self._held is None and not self._raw.is_closing():
            self._raw.resume_reading()

    def _call(self, function: Any, *args: Any) -> None:
        try:
            function(*args)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it must not end the server
            self._host.report(error, f"The link's {function.__name__}")

    # picows calls these

    def on_ws_frame(self, transport: Any, frame: Any) -> None:  # noqa: ARG002
        """Take a frame; answers to several of one read leave together."""
        if self._posted:
            self._posted.catch_up()
        cork = self._cork
        if not frame.last_in_buffer:
            cork.corked = True
            self._hear(frame)
            return
        try:
            self._hear(frame)
        finally:
            if cork.corked:
                cork.release()

    def _hear(self, frame: Any) -> None:
        """Hand on a whole plain message by the shortest way."""
        if not self._plain or not frame.fin or frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._take_frame(frame)
            return
        kind = frame.msg_type
        if kind is TEXT:
            try:
                data: str | bytes = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError:
                self._fail(WebSocketFailure(1007, "Received a text message that is not UTF-8."))
                return
        elif kind is BINARY:
            data = frame.get_payload_as_bytes()
        else:
            self._take_frame(frame)
            return
        counters = self.counters
        counters.messages_in += 1
        counters.bytes_in += frame.payload_size
        self._patience.heard = True
        try:
            self.link.message(data)
        except BaseException as error:  # noqa: BLE001
            self._host.report(error, "The link's message")

    def on_ws_disconnected(self, transport: Any) -> None:  # noqa: ARG002
        """TCP is gone, unless this file pretended so."""
        if self._pretended:
            self._pretended = False
        else:
            self.gone()

    def pause_writing(self) -> None:
        """The client reads slowly."""

    def resume_writing(self) -> None:
        """Everything that waited has been given to the system."""
        while self._owed_pong:
            self._answer_ping(self._owed_pong.pop())
        if self.state != CLOSED:
            self._call(self.link.drained)

    # frames, the long way

    def _take_frame(self, frame: Any) -> None:
        if self._deaf:
            return
        parts = (
            int(frame.msg_type),
            bool(frame.fin),
            bool(frame.rsv1),
            bool(frame.rsv2 or frame.rsv3),
            frame.get_payload_as_bytes(),
        )
        if self._is_held():
            self._hold(parts)
        else:
            self._take(*parts)

    def _take(self, opcode: int, final: bool, rsv1: bool, reserved: bool, payload: bytes) -> None:
        if reserved or (rsv1 and (self._codec is None or opcode >= CLOSE.value)):
            self._fail(WebSocketFailure(1002, "Received a frame with a reserved bit set."))
            return
        try:
            if opcode >= CLOSE.value:
                self._take_control(opcode, payload)
                return
            message = self._assembler.feed(opcode, final, rsv1, payload)
        except WebSocketFailure as failure:
            self._fail(failure)
            return
        self._plain = not self._assembler.active and self._held is None
        if message is not None:
            self.counters.messages_in += 1
            self.counters.bytes_in += self._assembler.size
            self._patience.heard = True
            self._call(self.link.message, message)

    def _take_control(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE.value:
            self._take_close(payload)
            return
        self._patience.heard = True
        if opcode == PING.value:
            self._answer_ping(payload)
            self._call(self.link.ping, payload)
        elif payload != HEARTBEAT:
            self._call(self.link.pong, payload)

    def _answer_ping(self, payload: bytes) -> None:
        """Send a pong; to a client that reads none, only the latest, once it does (RFC 6455, 5.5.3)."""
        if self._waiting() > _HIGH:
            self._owed_pong = [payload]
        elif self.state == OPEN and getattr(self.link, "answers_pings", True):
            self._frames.send(PONG, payload)

    def _take_close(self, payload: bytes) -> None:
        code, reason = self._close_info = parse_close(payload)
        self._send_close(close_payload(None if code == NO_STATUS else code, reason))
        self._call(self.link.close_received, code, reason)
        self._linger()

    # failing and closing

    def alarm(self, code: int, message: str) -> None:
        """Hear of a violation from the parser: from here on frames are written without picows.

        The rest happens once it has returned, after the messages that came before.
        """
        self._alarmed = self._pretended = True
        self._cork.release()
        self._frames = _Writer(self._raw)
        self._picows.connection_lost(None)
        self._loop.call_soon(self._fail_in_turn, WebSocketFailure(code, message))

    def _fail_in_turn(self, failure: WebSocketFailure) -> None:
        if self._is_held():
            self._hold((failure,))
        else:
            self._fail(failure)

    def _fail(self, failure: WebSocketFailure) -> None:
        if self._deaf or self.state == CLOSED:
            return
        self._call(self.link.failed, failure)
        self._send_close(close_payload(failure.code))
        self._linger()

    def _send_close(self, payload: bytes) -> None:
        if not self._close_sent:
            self._close_sent = True
            self._frames.send(CLOSE, payload)
        self.state = max(self.state, CLOSING)

    def _linger(self) -> None:
        """Nothing more is dispatched: end our side of TCP and wait for the client to end its own."""
        self._deaf, self._plain, self._held = True, False, None
        if self.state == CLOSED:
            return
        self._patience.closing()
        if self._raw.is_closing():
            return
        self._cork.release()
        self._raw.set_protocol(_Rest(self))
        self._raw.resume_reading()
        end_writing(self._raw)

    def gone(self) -> None:
        """TCP is gone: the end of this connection."""
        if self.state == CLOSED:
            return
        self.state, self._deaf, self._plain = CLOSED, True, False
        self._host.websockets.discard(self)
        self._patience.end()
        self._call(self.link.closed, *(self._close_info or (ABNORMAL, "")))

    # the link's side

    @property
    def buffered_amount(self) -> int:
        """Bytes that wait for the client to read."""
        return self._waiting()

    def send(self, data: str | bytes, *, compress: bool = True) -> int:
        """Send one message; give the bytes that wait."""
        if self.state != OPEN:
            return self._waiting()
        counters = self.counters
        counters.messages_out += 1
        counters.bytes_out += len(data) if type(data) is str and data.isascii() else size_of(data)
        if self._codec is not None and compress:
            self._send_compressed(self._codec, data)
        elif type(data) is str:
            self._frames.send(TEXT, data)
        else:
            self._frames.send(BINARY, data)
        return self._waiting()

    def _send_compressed(self, codec: Codec, data: str | bytes) -> None:
        kind, payload = (TEXT, data.encode()) if isinstance(data, str) else (BINARY, data)
        if codec.compresses(len(payload)):
            self._frames.send(kind, codec.deflate(payload), True, True)
        else:
            self._frames.send(kind, payload)

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Begin the closing handshake; messages are dispatched until the client answers (crossws R28)."""
        if self.state != OPEN:
            return
        self._send_close(close_payload(code, reason))
        self._patience.closing()

    def terminate(self) -> None:
        """Drop the connection at once."""
        if self.state != CLOSED:
            self.state = CLOSING
            self._deaf, self._plain, self._held = True, False, None
            self._cork.release()  # what was sent before goes out before
            self._raw.abort()

    def ping(self, data: bytes = b"") -> None:
        """Send a ping; raises `ValueError` for more than 125 bytes."""
        if len(data) > _CONTROL_LIMIT:
            raise ValueError(f"A ping carries at most {_CONTROL_LIMIT} bytes, this one has {len(data)}.")
        if self.state == OPEN:
            self._frames.send(PING, data)

    def pause_reading(self) -> None:
        """Take nothing more from the client until `resume_reading`."""
        if self._held is None and not self._deaf:
            self._held, self._plain = deque(), False
            self._raw.pause_reading()

    def resume_reading(self) -> None:
        """Go on after `pause_reading`, with what was read already first."""
        held, self._held = self._held, None
        if held is None:
            return
        while held and not self._deaf:
            parts = held.popleft()
            if self._is_held():  # again, by what was just handed on
                self._hold(parts)
            elif isinstance(parts[0], WebSocketFailure):
                self._fail(parts[0])
            else:
                self._take(*parts)
        if not self._is_held() and not self._deaf:
            self._plain = not self._assembler.active
            if not self._raw.is_closing():
                self._raw.resume_reading()

    def _is_held(self) -> bool:
        return self._held is not None

    def _hold(self, parts: tuple[Any, ...]) -> None:
        if self._held is not None:
            self._held.append(parts)

    def pause_timers(self) -> None:
        """Let no timeout strike until `resume_timers`."""
        self._patience.pause()

    def resume_timers(self) -> None:
        """Go on after `pause_timers`, as if the client had just been heard."""
        self._patience.resume(closing=self.state == CLOSING)

    def _beat(self) -> None:
        if self.state == OPEN:
            self._frames.send(PING, HEARTBEAT)


def _swallow(data: bytes) -> None:
    """Take the place of `write` for picows' own 101."""


def _feed(protocol: Any, data: bytes, is_over: Callable[[], bool]) -> None:
    """Give bytes to picows as asyncio would; its parser does not stop by itself after a violation."""
    rest = memoryview(data)
    while rest and not is_over():
        buffer = protocol.get_buffer(-1)
        size = min(len(buffer), len(rest))
        buffer[:size] = rest[:size]
        protocol.buffer_updated(size)
        rest = rest[size:]


class _Alarm:
    """picows' logger, which hears of a violation before picows acts on it; everything else is dropped."""

    def __init__(self, websocket: SocketWebSocket) -> None:
        self._websocket = websocket

    def isEnabledFor(self, level: int) -> bool:  # noqa: ARG002, N802  # logging's own name
        return False

    def error(self, message: str, *args: Any) -> None:
        if message.startswith("WS parser error"):
            code, text = args[0]
            self._websocket.alarm(int(code), f"{text}.")

    def exception(self, message: str, *args: Any) -> None:  # noqa: ARG002
        if message.startswith("WS parser failure"):
            self._websocket.alarm(1002, "Received a frame that cannot be read.")

    def _drop(self, *args: Any) -> None:
        pass

    debug = info = warning = log = _drop


class _Writer:
    """Writes frames in place of picows after an alarm."""

    def __init__(self, raw: asyncio.Transport) -> None:
        self._raw = raw

    def send(self, kind: WSMsgType, data: str | bytes, fin: bool = True, rsv1: bool = False) -> None:
        payload = data.encode() if isinstance(data, str) else data
        size = len(payload)
        first = (0x80 if fin else 0) | (0x40 if rsv1 else 0) | kind.value
        if size <= _CONTROL_LIMIT:
            head = bytes((first, size))
        elif size < 65536:  # noqa: PLR2004
            head = bytes((first, 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((first, 127)) + size.to_bytes(8, "big")
        self._raw.write(head + payload)


class _Rest(asyncio.Protocol):
    """Discards what still comes on a connection whose closing handshake is over."""

    def __init__(self, websocket: SocketWebSocket) -> None:
        self._websocket = websocket

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._websocket.gone()
