"""Responses as bytes: status line, headers, chunks."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

from workbench.server.links import Head
from workbench.server.messages import Headers

__all__ = ["LAST_CHUNK", "bodiless", "chunk", "date", "encode_head", "reason"]

LAST_CHUNK = b"0\r\n\r\n"
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = (*range(100, 200), 204, 304)
_last_date = (0, "")


def reason(status: int) -> str:
    """Give the usual words after a status; an empty text for an unusual one."""
    return _REASONS.get(status, "")


def date() -> str:
    """Give the current time for a Date header; formatted once a second."""
    global _last_date  # noqa: PLW0603  # a cache of one entry
    now = int(time.time())
    if _last_date[0] != now:
        _last_date = (now, formatdate(now, usegmt=True))
    return _last_date[1]


def encode_head(status: int, status_text: str | None, headers: Headers, more: str = "") -> bytes:
    """Give status line and headers up to the empty line.

    `status_text` None means the usual words; `more` are further lines, each with its end.
    """
    text = reason(status) if status_text is None else status_text
    return f"HTTP/1.1 {status} {text}\r\n{headers.block()}{more}\r\n".encode("latin-1", "replace")


def bodiless(head: Head | None, status: int) -> bool:
    """Whether a response carries no body whatever its headers say: to HEAD, and 1xx, 204, 304."""
    return (head is not None and head.method == "HEAD") or status in _BODILESS


def chunk(data: bytes) -> bytes:
    """Give one piece in chunked framing."""
    return b"%x\r\n%b\r\n" % (len(data), data)
