"""Which WebSocket requests are valid, and what the 101 says (crossws R14, R17)."""

from __future__ import annotations

import base64
import hashlib
import re

from workbench.server.links import Head
from workbench.server.messages import Headers, HeadersSource, Response
from workbench.server.responses import reason

__all__ = ["accept_key", "check", "switching_headers"]

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = re.compile(r"[+/0-9A-Za-z]{22}==")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = ("upgrade", "connection", "sec-websocket-accept", "sec-websocket-extensions", "content-length")


def check(head: Head) -> Response | None:
    """Give the refusal of an invalid handshake, or None for a valid one."""
    if head.method != "GET":
        return _refusal(405, "Invalid HTTP method")
    if not head.websocket:
        return _refusal(400, "Invalid Upgrade header")
    if not _KEY.fullmatch(head.headers.get("sec-websocket-key") or ""):
        return _refusal(400, "Missing or invalid Sec-WebSocket-Key header")
    if head.headers.get("sec-websocket-version") not in ("13", "8"):
        versions = {"Sec-WebSocket-Version": "13, 8"}
        return _refusal(400, "Missing or invalid Sec-WebSocket-Version header", versions)
    if not _protocols_are_valid(head.headers.get("sec-websocket-protocol")):
        return _refusal(400, "Invalid Sec-WebSocket-Protocol header")
    return None


def _protocols_are_valid(offered: str | None) -> bool:
    """Whether an offer of subprotocols is a list of tokens without repeats."""
    names = [] if offered is None else [name.strip(" \t") for name in offered.split(",")]
    return len(set(names)) == len(names) and all(map(_TOKEN.fullmatch, names))


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    fields = {
        "Connection": "close",
        "Content-Type": "text/html",
        "Content-Length": str(len(message)),
        **(headers or {}),
    }
    return Response(message.encode(), status=status, status_text=reason(status), headers=fields)


def accept_key(key: str) -> str:
    """Give the Sec-WebSocket-Accept that answers a key."""
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest()).decode()  # noqa: S324  # RFC 6455


def switching_headers(
    head: Head, headers: HeadersSource, protocol: str | None, extensions: str
) -> tuple[Headers, str]:
    """Give the headers of the 101, and the chosen subprotocol or an empty text.

    `protocol` wins over a header of that name (R14). What the handshake itself decides cannot be overridden.
    """
    sent = Headers(
        {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": accept_key(head.headers["sec-websocket-key"]),
        }
    )
    given = Headers(headers)
    for name in _OURS:
        del given[name]
    if protocol:
        given["Sec-WebSocket-Protocol"] = protocol
    if extensions:
        sent.append("Sec-WebSocket-Extensions", extensions)
    for name, value in given.lines():
        sent.append(name, value)
    return sent, given.get("sec-websocket-protocol") or ""
