"""Requests out of bytes: a parser that gives events, which wait until somebody takes them.

httptools calls back as fast as bytes come and cannot be stopped in between. Events in a queue can wait,
which is what a hook on the headers needs that takes its time (Wookie F2, F3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import httptools

from workbench.server.errors import HttpFailure

__all__ = ["Event", "ParsedHead", "Piece", "RequestParser", "Upgraded"]

_VERSIONS = ("1.0", "1.1")


@dataclass(slots=True)
class ParsedHead:
    """A request line with its fields, as bytes. `length` is None for a chunked body."""

    method: str
    target: bytes
    version: str
    fields: list[tuple[bytes, bytes]]
    keep_alive: bool
    length: int | None
    websocket: bool

    def encode(self, *, upgrade: bool = True) -> bytes:
        """Give the head as bytes again, without the Upgrade field if so wished."""
        lines = [b"%b %b HTTP/%b" % (self.method.encode(), self.target, self.version.encode())]
        lines += [b"%b: %b" % field for field in self.fields if upgrade or field[0].lower() != b"upgrade"]
        return b"\r\n".join(lines) + b"\r\n\r\n"


@dataclass(slots=True)
class Piece:
    """A part of a body; the final one, and only it, is `last`."""

    data: bytes
    last: bool = False


@dataclass(slots=True)
class Upgraded:
    """HTTP is over on this connection; `data` followed the request."""

    data: bytes


Event: TypeAlias = ParsedHead | Piece | Upgraded | HttpFailure


class RequestParser:
    """Turns bytes into events; after a failure or an upgrade it takes no more.

    Parameters
    ----------
    header_limit
        Bytes of request line and headers; beyond, the event is a failure with 431.

    """

    def __init__(self, header_limit: int) -> None:
        self.in_head = False  # part of a head has come
        self.between = True  # nothing of a request has come that is not through
        self.over = False
        self._limit = header_limit
        self._events: list[Event] = []
        self._plain_head: ParsedHead | None = None  # one that asks for an upgrade which we do not do
        self._begin_parsing()
        self._reset()

    def _begin_parsing(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        # Whether a connection lives on after a request is for its link to say.
        self._parser.set_dangerous_leniencies(lenient_keep_alive=True)

    def _reset(self) -> None:
        self._target = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0

    def feed(self, data: bytes) -> list[Event]:
        """Give the events that these bytes complete."""
        if self.over:
            return []
        self._events = []
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._fail(400, f"The request cannot be read as HTTP: {error.args[0]}.")
        if self.in_head and not self.over:
            # Where in these bytes the head begins is only known when they hold nothing else.
            self._head_bytes += len(self._target) if self._events else len(data)
            if self._head_bytes > self._limit:
                self._too_large()
        return _joined(self._events)

    def _upgrade(self, rest: bytes) -> None:
        if self.over:
            return
        if self._plain_head is None:
            self.over = True
            self._events.append(Upgraded(rest))
            return
        head, self._plain_head = self._plain_head, None
        if head.method == "CONNECT":
            self._fail(405, "This server is not a proxy: CONNECT is not served.")
            return
        # The parser took the body for another protocol's bytes: read it again without the wish.
        events, fields = self._events, head.fields
        self._begin_parsing()
        self._reset()
        again = self.feed(head.encode(upgrade=False) + rest)
        if isinstance(again[0], ParsedHead):
            again[0].fields = fields
        self._events = events + again

    def _fail(self, status: int, message: str) -> None:
        if not self.over:
            self.over = True
            self.in_head = False
            self._events.append(HttpFailure(status, message))

    def _too_large(self) -> None:
        self._fail(431, f"The request line and headers are larger than {self._limit} bytes.")

    # httptools calls these

    def on_message_begin(self) -> None:
        """A first byte of a request."""
        self.in_head = True
        self.between = False
        self._reset()

    def on_url(self, url: bytes) -> None:
        """A part of the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field; trailers after a chunked body are left out."""
        if self.in_head:
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """The empty line."""
        self.in_head = False
        size = len(self._target) + sum(len(name) + len(value) + 4 for name, value in self._fields)
        version = self._parser.get_http_version()
        if size > self._limit:
            self._too_large()
        elif version not in _VERSIONS:
            self._fail(505, f"HTTP/1.1 and 1.0 are spoken here, not HTTP/{version}.")
        elif not self.over:
            self._add_head(version)

    def _add_head(self, version: str) -> None:
        lowered = [(name.lower(), value.strip()) for name, value in self._fields]
        upgrades = self._parser.should_upgrade()
        websocket = upgrades and any(n == b"upgrade" and v.lower() == b"websocket" for n, v in lowered)
        head = ParsedHead(
            self._parser.get_method().decode(),
            self._target,
            version,
            self._fields,
            _keep_alive(version, lowered),
            0 if websocket else _length(lowered),
            websocket,
        )
        if upgrades and not websocket:
            self._plain_head = head
        else:
            self._events.append(head)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if not self.over:
            self._events.append(Piece(body))

    def on_message_complete(self) -> None:
        """The end of a request."""
        if self.over or self._plain_head is not None:
            return
        self.between = True
        last = self._events[-1] if self._events else None
        if isinstance(last, Piece) and not last.last:
            last.last = True
        else:
            self._events.append(Piece(b"", last=True))


def _joined(events: list[Event]) -> list[Event]:
    """Join the pieces of a body that came in one read: how a client cut its chunks is no news (Wookie 41)."""
    if len(events) < 2 or (len(events) == 2 and type(events[0]) is ParsedHead):  # noqa: PLR2004  # the usual
        return events
    joined: list[Event] = []
    pieces: list[Piece] = []
    for event in events:
        if isinstance(event, Piece):
            pieces.append(event)
            if not event.last:
                continue
        if pieces:
            joined.append(_one(pieces))
            pieces = []
        if not isinstance(event, Piece):
            joined.append(event)
    if pieces:
        joined.append(_one(pieces))
    return joined


def _one(pieces: list[Piece]) -> Piece:
    return pieces[0] if len(pieces) == 1 else Piece(b"".join(piece.data for piece in pieces), pieces[-1].last)


def _keep_alive(version: str, fields: list[tuple[bytes, bytes]]) -> bool:
    said = [value for name, value in fields if name == b"connection"]
    if not said:
        return version != "1.0"
    tokens = {token.strip().lower() for value in said for token in value.split(b",")}
    return b"keep-alive" in tokens if version == "1.0" else b"close" not in tokens


def _length(fields: list[tuple[bytes, bytes]]) -> int | None:
    for name, value in fields:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            return int(value)
    return 0
