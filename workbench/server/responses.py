"""Responses as bytes: status line, headers, chunks."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from workbench.server.links import Head
from workbench.server.messages import Field, Headers

__all__ = [
    "LAST_CHUNK",
    "Opening",
    "bodiless",
    "chunk",
    "date_line",
    "encode_head",
    "opening",
    "reason",
    "usual",
    "without",
]

LAST_CHUNK = b"0\r\n\r\n"
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset((*range(100, 200), 204, 304))
_SERVERS = frozenset(("connection", "content-length", "date", "transfer-encoding"))
_last_date = (0, b"")


def reason(status: int) -> str:
    """Give the usual words after a status; an empty text for an unusual one."""
    return _REASONS.get(status, "")


def date_line() -> bytes:
    """Give the Date line with the current time; formatted once a second."""
    global _last_date  # noqa: PLW0603  # a cache of one entry
    now = int(time.time())
    if _last_date[0] != now:
        _last_date = (now, f"date: {formatdate(now, usegmt=True)}\r\n".encode())
    return _last_date[1]


class Opening(NamedTuple):
    """Status line and fields of a response as bytes, without the empty line, and what is among them.

    `usual` says that a body follows, and that its length, the date and what becomes of the connection are the
    server's to say.
    """

    data: bytes
    names: frozenset[str]
    closes: bool
    usual: bool


@lru_cache(maxsize=512)
def opening(status: int, status_text: str | None, fields: tuple[Field, ...]) -> Opening:
    """Give how a response begins; most servers say the same few things again and again.

    Parameters
    ----------
    status, status_text
        A text of None means the usual words.
    fields
        `Headers.fields`. Repeats are joined by `", "`, each Set-Cookie stands on its own.
    """
    text = reason(status) if status_text is None else status_text
    headers = Headers.of(fields)
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.lines()])
    data = f"HTTP/1.1 {status} {text}\r\n{lines}".encode("latin-1", "replace")
    names = frozenset(headers.names())
    closes = "close" in (headers.get("connection") or "").lower()
    return Opening(data, names, closes, usual=status not in _BODILESS and names.isdisjoint(_SERVERS))


def encode_head(status: int, status_text: str | None, headers: Headers) -> bytes:
    """Give status line and headers up to the empty line; `status_text` None means the usual words."""
    return opening(status, status_text, headers.fields).data + b"\r\n"


def bodiless(head: Head | None, status: int) -> bool:
    """Whether a response carries no body whatever its headers say: to HEAD, and 1xx, 204, 304."""
    return (head is not None and head.method == "HEAD") or status in _BODILESS


def usual(head: Head | None) -> bool:
    """Whether nothing in a request changes how its response is sent."""
    if head is None or head.version != "1.1" or head.method == "HEAD":
        return False
    return head.keep_alive and not head.expects_continue


def without(headers: Headers, name: str, given: frozenset[str]) -> Headers:
    """Leave a field out that the server says itself, without touching what was given."""
    if name in given:
        headers = headers.copy()
        del headers[name]
    return headers


def chunk(data: bytes) -> bytes:
    """Give one piece in chunked framing."""
    return b"%x\r\n%b\r\n" % (len(data), data)
